"""A report as plain data comes in; a page that needs no other file goes out."""
