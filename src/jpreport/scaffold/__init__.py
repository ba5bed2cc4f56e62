"""Start a programme: look at the files that somebody has, say what is in them, write the folder."""
