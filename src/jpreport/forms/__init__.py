"""The forms that notebooks write and documents read: tables, cell options, output types."""
