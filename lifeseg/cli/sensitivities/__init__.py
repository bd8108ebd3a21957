"""What depends on the numbers of a policy comes in; a text, a table or a document of it goes out."""
