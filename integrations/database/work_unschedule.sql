DELETE FROM work WHERE kind = $1 AND id = $2;
