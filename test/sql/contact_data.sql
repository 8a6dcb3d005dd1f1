-- Contact data in texts: what is found and what is not (V-06, V-21, AMB-99).
SET search_path = pg_catalog, support_case;

CREATE FUNCTION pg_temp.found(body text) RETURNS text
LANGUAGE sql AS $$
    SELECT coalesce(string_agg(kind || ' ' || substr(body, start, length), ' | ' ORDER BY start), '-')
    FROM _find_contact_data(body)
$$;

-- Email addresses.
SELECT body, pg_temp.found(body) FROM (VALUES
    ('write to jane.doe+shop@example.com, please'), ('<o''neil@example.co.uk>'), ('(a@b.de)'), ('a@b.de.'),
    ('mailto:x@example.org?subject=hi'), ('a@b.com,c@d.net;e@f.org'), ('jane@example'), ('jane @ example.com'),
    ('@'), ('@@'), ('a@'), ('@example.com'), ('a@@example.com'), ('a@b@c.com'), ('a@b..com'), ('a@.com'),
    ('5551234567@example.com'), ('müller@example.de'), ('иван@почта.рф'), ('我的邮箱foo@qq.com谢谢'), ('x@1.2'),
    ('.a.@b.de'), ('john_doe.com@x.com')) AS v (body);

-- Links.
SELECT body, pg_temp.found(body) FROM (VALUES
    ('see http://example.com/a?b=c#d.'), ('HTTPS://Example.COM:8080/x)'), ('(www.example.com)'), ('ftp://10.0.0.1/f'),
    ('http://'), ('http:// example'), ('https://[::1]/'), ('example.com'), ('Example.Co.Uk/path, or'), ('my_shop.com'),
    ('t.me/jane'), ('wa.me/4915112345678'), ('x.com/jane'), ('x.com'), ('shop.example.store'), ('网站example.com谢谢'),
    ('http://x.de/路径'), ('it arrived broken.It was new'), ('photo.jpg, invoice.pdf, index.html'), ('e.g. this'),
    ('version 1.2.3'), ('so it.is'), ('example.com:8080'), ('..com'), ('-.com'), ('www.'), ('www.x'),
    ('http://example.com/?to=a@b.de')) AS v (body);

-- Telephone numbers.
SELECT body, pg_temp.found(body) FROM (VALUES
    ('+1 555 123 4567'), ('+49 (0)151 1234567'), ('+4915112345678.'), ('+1(555)123-4567'), ('0049 151 12345678'),
    ('(555) 123-4567'), ('555-123-4567'), ('555.123.4567'), ('1-800-555-0199'), ('030 1234567'), ('(030) 1234567'),
    ('0151/12345678'), ('01 23 45 67 89'), ('020 7946 0958'), ('015112345678'), ('call me at 5551234567'),
    ('Tel.: 5551234'), ('my phone number is 555 1234'), ('WhatsApp:5551234567'), ('tel:+15551234567'),
    ('since 2024 555-123-4567'), ('555-123-4567 or 555-765-4321'), ('电话0151 1234567'),
    ('+1234567'), ('+12345678'), ('tel 1999-01-02'), ('tel 2100-01-02')) AS v (body);

-- Other numbers.
SELECT body, pg_temp.found(body) FROM (VALUES
    ('order 1234567890'), ('order number 0151234567'), ('#0151234567'), ('5551234567'), ('tracking no. 555-123-4567'),
    ('1Z999AA10123456784'), ('1Z 999 AA1 01 2345 6784'), ('9400 1000 0000 0000 0000 00'), ('940010000000000000000'),
    ('1234 5678 9012'), ('00340434161094042557'), ('JJD000390007862341234'), ('RR123456785DE'),
    ('USD 1,234,567.89'), ('$1234567'), ('1.234.567,00 EUR'), ('0.1234567'), ('2026-01-09'), ('09.01.2026'),
    ('01/09/2026'), ('2026-01-09 16:00:00'), ('01.02.2026 - 05.02.2026'), ('10001-1234'), ('192.168.0.1'),
    ('ISBN 978-3-16-148410-0'), ('0-306-40615-2'), ('DE89 3704 0044 0532 0130 00'), ('4111 1111 1111 1111'),
    ('ABC-0151234567'), ('s3://evidence/0151234567'), ('id=0151234567'), ('UPC 012345678905'), ('12345678%'),
    ('0151234567,50'), ('+12 34'), ('C++11'), ('((((('), ('(555'), ('12 Main Street, Springfield, IL 62704')) AS v (body);

-- Social handles.
SELECT body, pg_temp.found(body) FROM (VALUES
    ('find me on Instagram: @jane.doe'), ('ig @jane'), ('@jane_doe'), ('@jane1990.'), ('meet me @home'), ('5 @ 10'),
    ('@12345'), ('@jane_doe@social.example'), ('(@jane_doe)'), ('@ab'), ('insta:@' || repeat('x', 31))) AS v (body);

-- Masks.
SELECT body, _mask_contact_data(body) AS masked, _mask_contact_data(body, true) AS without_addresses
FROM (VALUES ('a@b.de or +1 555 123 4567 or http://x.de'), ('nothing'), (''), ('é a@b.de ü'),
    ('http://x.de/?to=a@b.de'), ('@jane_doe')) AS v (body);
SELECT _has_contact_data('a@b.de') AS has, _has_contact_data('') AS empty, _has_contact_data(NULL) AS nothing;

-- Never longer, and changed where anything is found, wherever texts meet.
WITH part (part) AS (
    VALUES ('a@b.de'), ('x@y.co'), (' '), ('t.co/1'), ('+1 555 123 4567'), ('555-123-4567'), ('@a_b'), ('.'), ('/'), ('@'),
        ('http://x.de/'), ('0'), ('é'), ('call '), ('('), (')'), ('-'), ('www.x.de')
), body (body) AS (
    SELECT concat(a.part, b.part, c.part, d.part) FROM part AS a, part AS b, part AS c, part AS d
)
SELECT count(*) AS texts,
    count(*) FILTER (WHERE length(_mask_contact_data(body)) > length(body)) AS longer,
    count(*) FILTER (WHERE _has_contact_data(body) <> (_mask_contact_data(body) <> body)) AS inconsistent
FROM body;

-- A megabyte takes some milliseconds, whatever it is made of; were the time
-- quadratic, it would be minutes.
CREATE FUNCTION pg_temp.milliseconds(part text, size integer) RETURNS numeric
LANGUAGE plpgsql AS $$
DECLARE
    body text := repeat(part, size / length(part));
    started timestamptz := clock_timestamp();
BEGIN
    PERFORM _has_contact_data(body), _mask_contact_data(body);
    RETURN extract(epoch FROM clock_timestamp() - started) * 1000;
END
$$;
SELECT left(part, 20) AS part
FROM (VALUES ('a'), ('@'), ('a@'), ('a@a'), ('1 '), ('1'), ('1-'), ('+1'), ('('), ('(1'), ('(1)'), ('.'), ('a.'), ('www.'),
    ('http://'), ('+12345678/'), ('a@b.de:'), ('a@b.de '), ('@abc '), ('call at my 1234567 '), ('at 12345678x '), ('é'), ('é@'),
    ('a@b.de' || repeat('.', 1000)), ('12345678 12345678 1234 '), ('t.co/')) AS v (part)
WHERE pg_temp.milliseconds(part, 1048576) > 1000;
