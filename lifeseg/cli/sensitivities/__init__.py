"""What depends on the numbers of a policy comes in; a text, a page, a table or a document of it goes out."""
