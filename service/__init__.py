"""Delivery: the HTTP service, the chat protocols, the web page and the command line."""
