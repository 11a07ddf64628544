"""Work on finished files: the folder of clips, and workers that look into them."""
