"""Pictures and files of conversations, given to whoever may see the conversation."""
