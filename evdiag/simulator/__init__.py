"""Virtual cars: a scripted story becomes frames. Pure: a story and a seed always give the same."""
