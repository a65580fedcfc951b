-- Tickets: who the chat user is besides what they call themselves, for the page that asks whether it is the visitor.
ALTER TABLE chat_ticket ADD COLUMN full_name TEXT;
ALTER TABLE chat_ticket ADD COLUMN address TEXT;

-- The last tie that ended, of a chat user and of a person: whoever ended it is not linked again by an address.
CREATE INDEX chat_link_ended_user ON chat_link (org_id, install_id, user_digest, seq) WHERE ended_at IS NOT NULL;
CREATE INDEX chat_link_ended_person ON chat_link (org_id, install_id, person_id, seq) WHERE ended_at IS NOT NULL;

-- Conversations: what they are called, where the service says so; and they are forgotten with their installation.
ALTER TABLE chat_conversation ADD COLUMN name TEXT;
GRANT DELETE ON chat_conversation TO habeo_app;

-- Kept: of an installation in a whole enterprise, the workspaces from which the service has taken it.
ALTER TABLE install_private ADD COLUMN refused_teams TEXT NOT NULL DEFAULT '';
