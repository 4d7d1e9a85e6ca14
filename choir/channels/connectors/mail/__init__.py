"""E-mail: IMAP in, SMTP out; one address of ours is one channel."""
