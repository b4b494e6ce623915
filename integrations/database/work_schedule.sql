INSERT INTO work (kind, id, due_at) VALUES ($1, $2, $3)
ON CONFLICT (kind, id) DO UPDATE SET
    due_at   = CASE WHEN work.lease = '' THEN excluded.due_at ELSE work.due_at END,
    again_at = CASE WHEN work.lease = '' THEN NULL
                    WHEN work.again_at IS NULL OR excluded.due_at < work.again_at THEN excluded.due_at
                    ELSE work.again_at END;
