"""The texts of a programme, their catalogues, and how far each language is."""
