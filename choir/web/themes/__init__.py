"""What the mentions are about, and the names of the workspace's own: pages for people who teach Choir both."""
