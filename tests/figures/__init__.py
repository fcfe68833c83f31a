"""One module for each kind of live figure: `example()` gives one, the tests operate it."""
