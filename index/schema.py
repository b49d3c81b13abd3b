"""The catalog's tables. docs/index.md draws them."""

FORMAT = 2
"""``PRAGMA user_version`` of a catalog; another number is another layout of the tables."""

MIGRATIONS = {
    1: """
        ALTER TABLE documents ADD COLUMN rendition BLOB NOT NULL DEFAULT 'null';
        ALTER TABLE documents ADD COLUMN places BLOB NOT NULL DEFAULT '[]';
        ALTER TABLE documents ADD COLUMN cited_as BLOB NOT NULL DEFAULT 'null';
    """,
}
"""What turns a catalog of each older layout into the next."""

SCHEMA = """
CREATE TABLE state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    generation INTEGER NOT NULL,
    stamp TEXT NOT NULL,          -- random, new with each generation: what derived files carry
    embedder BLOB NOT NULL,       -- EmbedderCard, JSON
    windows TEXT NOT NULL         -- how windows were cut
);
CREATE TABLE files (
    key INTEGER PRIMARY KEY,
    origin TEXT NOT NULL UNIQUE,  -- where the file was found: what running again compares
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    reader TEXT NOT NULL,         -- name and version of what read it
    data BLOB NOT NULL            -- the file's bytes, packed
);
CREATE TABLE documents (
    key INTEGER PRIMARY KEY,
    file INTEGER NOT NULL REFERENCES files(key) ON DELETE CASCADE,
    id TEXT NOT NULL,
    title TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    file_sha256 TEXT NOT NULL,
    reader TEXT NOT NULL,
    encoding TEXT NOT NULL,
    complete INTEGER NOT NULL,
    characters INTEGER NOT NULL,
    text BLOB NOT NULL,           -- the decoded text, packed
    blocks BLOB NOT NULL,         -- characters by kind of block, JSON
    rendition BLOB NOT NULL DEFAULT 'null', -- how the text was made where it is not the decoded bytes, JSON
    places BLOB NOT NULL DEFAULT '[]',      -- where pages, chapters and anchors begin, JSON
    cited_as BLOB NOT NULL DEFAULT 'null'   -- the document's own citation and who gives it, JSON
);
CREATE INDEX documents_by_file ON documents(file);
CREATE INDEX documents_by_id ON documents(id);
CREATE TABLE excerpts (
    key INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: derived files know excerpts by it
    document INTEGER NOT NULL REFERENCES documents(key) ON DELETE CASCADE,
    id TEXT NOT NULL,
    own_id TEXT NOT NULL,         -- before "-2", "-3" …
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    text TEXT NOT NULL,
    headings BLOB NOT NULL,       -- JSON
    citation BLOB NOT NULL,       -- JSON, null where there is none
    work TEXT NOT NULL,
    author_words TEXT NOT NULL,   -- folded, with a space around each word
    title_words TEXT NOT NULL,
    heading_words TEXT NOT NULL,
    first_year INTEGER,
    last_year INTEGER
);
CREATE INDEX excerpts_by_place ON excerpts(document, start);
CREATE INDEX excerpts_by_id ON excerpts(id);
CREATE INDEX excerpts_by_headings ON excerpts(headings);
CREATE INDEX excerpts_by_work ON excerpts(work);
CREATE TABLE windows (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: derived files know windows by it
    excerpt INTEGER NOT NULL REFERENCES excerpts(key) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    context TEXT NOT NULL,
    vector INTEGER NOT NULL REFERENCES vectors(key)
);
CREATE INDEX windows_by_excerpt ON windows(excerpt);
CREATE INDEX windows_by_vector ON windows(vector);
CREATE TABLE vectors (
    key INTEGER PRIMARY KEY,
    embedder TEXT NOT NULL,       -- fingerprint
    sha256 BLOB NOT NULL,         -- of the window's search text
    vector BLOB NOT NULL,         -- float32, little endian
    UNIQUE (embedder, sha256)
);
CREATE TABLE works (
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    csl BLOB NOT NULL,
    spellings BLOB NOT NULL
);
CREATE TABLE notes (
    name TEXT NOT NULL,
    generation INTEGER NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (name, generation)
);
"""
