"""A checked policy with what is known about it comes in; the plain data of a book about it goes out, for any renderer."""
