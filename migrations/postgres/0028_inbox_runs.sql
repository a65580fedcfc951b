-- Which process has claimed a message: what a dead one had is due at once.
ALTER TABLE inbox_directory ADD COLUMN run UUID;
