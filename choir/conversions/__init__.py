"""What customers went on to do, and which of our touches led there: tracked links, webhooks, files, attribution."""
