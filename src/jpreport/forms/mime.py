"""The output types that the notebook door writes and the exporters read."""

FIGURE = "application/vnd.jpreport.figure+json"
TABLE = "application/vnd.jpreport.table+json"
CHART = "application/vnd.jpreport.chart+json"

# What is shown in the report's further languages: MIME bundles by tag (BCP 47).
LANGUAGES = "application/vnd.jpreport.languages+json"

# The key of notebook metadata that holds the front matter (see `cover`).
FRONT_MATTER = "jpreport"

# The key of notebook metadata that holds the front matter of further languages, by tag.
FRONTS = "jpreport_languages"

# The key of notebook metadata that lists what the run read, relative to the programme folder.
FILES_READ = "jpreport_read"

# The key of notebook metadata that says what the report was made from, as the manifest does.
MADE_FROM = "jpreport_made_from"

# Classes by which the HTML of a frame says that what is missing is empty, whatever the words in
# its cells are, and that its index is no more than a count of rows.
MARKED, COUNTED = "jp-frame", "jp-counted"
