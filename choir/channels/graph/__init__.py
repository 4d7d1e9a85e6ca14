"""Meta's Graph API, shared by the connectors for Facebook Pages and Instagram: asking, webhooks, private messages."""
