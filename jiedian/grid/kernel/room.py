"""潮流核: the compiled power-flow kernel and the open capacity it finds; arithmetic only."""
