"""Access: keys, login codes, cookies and signed links."""
