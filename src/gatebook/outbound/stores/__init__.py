"""Where the book and the ownership of jobs and results are kept. SQLite is the store of one process."""
