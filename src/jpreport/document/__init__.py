"""A report as data: an executed notebook read into blocks, quotes, cover and provenance."""
