"""Understanding: a text in, a reading out, versioned; corrections by people are readings too."""
