-- What people, BI tools and the sqlite3 shell read. Made anew whenever a store is opened by another version.
DROP VIEW IF EXISTS customers;
DROP VIEW IF EXISTS events;
DROP VIEW IF EXISTS tasks;
DROP VIEW IF EXISTS links;
DROP VIEW IF EXISTS affiliations;
DROP VIEW IF EXISTS conflicts;

-- Living records; linked ones share a profile.
CREATE VIEW customers AS SELECT
    lower(hex(r.id)) AS id,
    CASE r.kind WHEN 1 THEN 'person' ELSE 'organization' END AS kind,
    (SELECT s.name FROM scopes AS s WHERE s.ordinal = r.scope) AS scope,
    lower(hex(coalesce(r.profile, r.id))) AS profile,
    "external_ids",
    "tags",
    "code",
    "name",
    "given_name",
    "family_name",
    "short_name",
    "national_id",
    "credit_code",
    "gender",
    "birth_date",
    "phone",
    "email",
    "wechat",
    "website",
    "do_not_contact",
    "country",
    "region",
    "region_code",
    "state",
    "city",
    "address",
    "postcode",
    "territory",
    "occupation",
    "title",
    "department",
    "company",
    "income",
    "education",
    "industry",
    "company_size",
    "employees",
    "revenue",
    "founded",
    "business_scope",
    "tech_stack",
    "owner",
    "stage",
    "source",
    "consent",
    "level",
    "customer_type",
    "customer_since",
    "last_contact_date",
    "next_contact_date",
    "note",
    "interests"
FROM customer_rows AS r WHERE r.life IN (0, 2);

CREATE VIEW events AS SELECT
    lower(hex(id)) AS id,
    lower(hex(owner)) AS customer,
    datetime(at / 1000000, 'unixepoch') AS time,
    content ->> '$.type' AS type,
    content ->> '$.amount' AS amount,
    content ->> '$.currency' AS currency,
    content ->> '$.channel' AS channel,
    content ->> '$.order' AS "order",
    content ->> '$.product' AS product,
    content ->> '$.quantity' AS quantity,
    content ->> '$.status' AS status,
    content ->> '$.text' AS text,
    content AS attributes
FROM item_rows WHERE kind = 3 AND life <> 3;

CREATE VIEW tasks AS SELECT
    lower(hex(id)) AS id,
    lower(hex(owner)) AS customer,
    datetime(at / 1000000, 'unixepoch') AS due,
    content ->> '$.text' AS text
FROM item_rows WHERE kind = 7 AND life <> 3;

CREATE VIEW links AS SELECT lower(hex(owner)) AS first, lower(hex(other)) AS second FROM item_rows WHERE kind = 4;

CREATE VIEW affiliations AS SELECT
    lower(hex(owner)) AS person,
    lower(hex(other)) AS organization,
    decision_role,
    title
FROM item_rows WHERE kind = 15 AND life IN (0, 2);

CREATE VIEW conflicts AS SELECT
    lower(hex(profile)) AS profile,
    field,
    CASE kind WHEN 1 THEN 'field' WHEN 2 THEN 'source' ELSE 'delete-edit' END AS kind
FROM contested WHERE kind < 4
UNION ALL SELECT lower(hex(coalesce(c.profile, l.owner))), x.field, 'field'
FROM contested AS x JOIN item_rows AS l ON l.id = x.profile LEFT JOIN customer_rows AS c ON c.id = l.owner WHERE x.kind = 5;
