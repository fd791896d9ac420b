-- The newest attempt of each challenge that ran all its checks to the end; 0 if there is none yet.
CREATE VIEW last_full_attempt AS
SELECT slug,
       coalesce(max(id) FILTER (WHERE NOT partial AND outcome IN ('solved', 'unsolved')), 0) AS attempt
FROM attempts
GROUP BY slug;

-- What is known of each check now: its newest result since the last full attempt. Attempts that were interrupted, or that
-- ran some checks alone, refresh what they touched and leave the rest.
CREATE VIEW current_checks AS
SELECT newest.slug, c.name, c.title, c.tier, c.verdict, c.cause, c.ms, c.detail, c.attempt, c.position, newest.first_id
FROM (SELECT a.slug, max(r.id) AS id, min(r.id) AS first_id
      FROM last_full_attempt AS f
      JOIN attempts AS a ON a.slug = f.slug AND a.id >= f.attempt
      JOIN check_results AS r ON r.attempt = a.id
      GROUP BY a.slug, r.name) AS newest
JOIN check_results AS c ON c.id = newest.id;

CREATE VIEW challenge_progress AS
SELECT a.slug,
       count(*) AS attempts,
       coalesce(max(a.outcome = 'solved' AND NOT a.partial), 0) AS solved,
       min(a.started_at) AS first_attempt_at,
       min(coalesce(a.ended_at, a.started_at)) FILTER (WHERE a.outcome = 'solved' AND NOT a.partial) AS solved_at,
       coalesce(c.core_passed, 0) AS core_passed,
       coalesce(c.core_total, 0) AS core_total,
       coalesce(c.passed, 0) AS passed,
       coalesce(c.total, 0) AS total,
       l.outcome AS last_outcome,
       l.started_at AS last_attempt_at
FROM attempts AS a
JOIN attempts AS l ON l.id = (SELECT max(id) FROM attempts WHERE slug = a.slug)
LEFT JOIN (SELECT slug,
                  sum(verdict = 'pass' AND tier = 'core') AS core_passed,
                  sum(tier = 'core') AS core_total,
                  sum(verdict = 'pass') AS passed,
                  count(*) AS total
           FROM current_checks
           GROUP BY slug) AS c ON c.slug = a.slug
GROUP BY a.slug;

-- Days of the learner's own time zone.
CREATE VIEW activity_by_day AS
SELECT date(started_at, 'unixepoch', 'localtime') AS day,
       count(*) AS attempts,
       count(DISTINCT slug) AS challenges,
       count(DISTINCT slug) FILTER (WHERE outcome = 'solved' AND NOT partial) AS solved
FROM attempts
GROUP BY day;
