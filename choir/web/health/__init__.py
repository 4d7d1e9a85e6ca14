"""Whether this process can serve: for balancers and for `choir up`."""
