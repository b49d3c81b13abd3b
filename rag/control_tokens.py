"""Takes the force from control tokens of chat templates before texts of others go into a prompt.

A passage that holds ``<|im_end|>`` could end the message that quotes it: many servers turn such text into the token itself.
Only the prompt's copy changes; what is shown and proved is the source's text.
"""

import re

NAMES = frozenset(
    # Llama 2, Mistral, Mixtral
    "s /s inst /inst sys /sys available_tools /available_tools tool_calls /tool_calls tool_results /tool_results "
    "system_prompt /system_prompt tool_content img img_break img_end args call_id prefix middle suffix "
    # Gemma, PaliGemma, T5, BERT, BART, StarCoder, Falcon
    "bos eos pad unk mask cls sep start_of_turn end_of_turn start_of_image end_of_image image_soft_token turn channel "
    "fim_prefix fim_middle fim_suffix fim_pad endoftext repo_name file_sep filename gh_stars jupyter_start "
    # tools and thought in Qwen, Hermes, DeepSeek, GLM, MiniMax, Phi, Granite
    "think /think thinking /thinking reasoning /reasoning tool_call /tool_call tool_response /tool_response tools /tools "
    "function_call /function_call functioncall tool /tool observation gmask sop eop begin_of_text end_of_text eot eom "
    "system /system user /user assistant /assistant human /human bot /bot".split()
)
"""What stands between angle or square brackets in the chat templates of the families named, in lower case."""

_TOKEN = re.compile(
    r"<(?P<bar>[|｜])(?=[^<>|｜\n]{0,60}[|｜]>|[\w▁ ]{1,60})"  # <|im_start|>, <|eot_id|>, <｜User｜>, <|"|>
    r"|(?P<closing>[|｜])(?=>)"
    r"|<(?=<SYS>>|</SYS>>)"
    r"|(?P<angle><)(?=(?P<name>/?[a-z_]{1,20})>)"
    r"|(?P<numbered><)(?=(?:extra_id|unused|reserved|special|custom|image|audio)[_a-z]*\d{0,4}>)"
    r"|(?P<square>\[)(?=(?P<word>/?[A-Z_]{3,20})\])"
    r"|^(?P<header>#{2,3})(?= ?(?:Instruction|Response|Input|Human|Assistant|System|User)s?\b ?:)",
    re.IGNORECASE | re.MULTILINE,
)


def neutralise(text: str) -> str:
    """The text with a space inside every control token, so that no tokeniser takes it for one; other texts stay."""
    return _TOKEN.sub(_opened, text)


def _opened(match: re.Match[str]) -> str:
    name = match["name"] or match["word"]
    if name and name.lower() not in NAMES:
        return str(match[0])
    if match["bar"]:
        return f"< {match['bar']}"
    return f"{match[0]} " if not match["closing"] else f" {match[0]} "
