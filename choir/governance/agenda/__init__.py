"""The agenda that writes itself: sources raise items from the data, one ranking orders them."""
