"""Sites, workshops, pools of workplaces, equipment, tariffs, bookings and what they occupy."""

from shared.migrations import chassis_1, grant, run

revision = "0001"
down_revision = None

_TABLES = """
CREATE TABLE members (
    id uuid PRIMARY KEY,
    slug text NOT NULL,
    kind text NOT NULL,
    is_state boolean NOT NULL,
    vat_regime text NOT NULL,
    leaving_on date
);;
CREATE TABLE agreements (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    party_ids uuid[] NOT NULL CHECK (cardinality(party_ids) >= 2),
    valid_from date NOT NULL,
    valid_to date NOT NULL,
    ended_on date,
    CHECK (valid_from <= valid_to)
);;
CREATE INDEX agreements_by_party ON agreements USING gin (party_ids);;
CREATE TABLE competences (
    id text PRIMARY KEY CHECK (id ~ '^[a-z0-9-]{2,60}$'),
    name text NOT NULL,
    sort_key text NOT NULL
);;
CREATE TABLE sites (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL,
    name text NOT NULL,
    town text NOT NULL,
    town_key text NOT NULL,
    time_zone text NOT NULL,
    opened_at timestamptz NOT NULL
);;
CREATE TABLE site_hours (
    site_id uuid NOT NULL REFERENCES sites,
    weekday smallint NOT NULL CHECK (weekday BETWEEN 0 AND 6),
    opens smallint NOT NULL CHECK (opens >= 0 AND opens % 5 = 0),
    closes smallint NOT NULL CHECK (closes <= 1440 AND closes % 5 = 0),
    PRIMARY KEY (site_id, weekday, opens),
    CHECK (opens < closes)
);;
CREATE TABLE workshops (
    id uuid PRIMARY KEY,
    site_id uuid NOT NULL REFERENCES sites,
    owner_id uuid NOT NULL,
    name text NOT NULL,
    sort_key text NOT NULL,
    approval text NOT NULL CHECK (approval IN ('instant', 'manual')),
    competences text[] NOT NULL,
    opened_at timestamptz NOT NULL,
    version integer NOT NULL
);;
CREATE INDEX workshops_by_name ON workshops (sort_key, id);;
CREATE INDEX workshops_by_owner ON workshops (owner_id);;
CREATE TABLE pools (
    id uuid PRIMARY KEY,
    workshop_id uuid NOT NULL REFERENCES workshops,
    workplaces smallint NOT NULL CHECK (workplaces BETWEEN 1 AND 1000),
    UNIQUE (id, workplaces)
);;
CREATE INDEX pools_by_workshop ON pools (workshop_id);;
CREATE TABLE equipment (
    id uuid PRIMARY KEY,
    workshop_id uuid NOT NULL REFERENCES workshops,
    name text NOT NULL,
    sort_key text NOT NULL,
    competences text[] NOT NULL,
    is_at_workplace boolean NOT NULL,
    installed_at timestamptz NOT NULL
);;
CREATE INDEX equipment_by_workshop ON equipment (workshop_id);;
CREATE TABLE tariffs (
    id uuid PRIMARY KEY,
    workshop_id uuid NOT NULL REFERENCES workshops,
    net_kopecks bigint NOT NULL CHECK (net_kopecks BETWEEN 0 AND 100000000),
    valid_from_at timestamptz NOT NULL
);;
CREATE UNIQUE INDEX tariffs_by_workshop ON tariffs (workshop_id, valid_from_at);;
CREATE TABLE bookings (
    id uuid PRIMARY KEY,
    workshop_id uuid NOT NULL REFERENCES workshops,
    pool_id uuid NOT NULL REFERENCES pools,
    owner_id uuid NOT NULL,
    booker_id uuid NOT NULL,
    booked_by uuid NOT NULL,
    agreement_id uuid,
    status text NOT NULL CHECK (status IN ('requested', 'confirmed', 'declined', 'cancelled',
        'lapsed', 'checked_in', 'completed', 'no_show', 'displaced')),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    workplaces smallint NOT NULL CHECK (workplaces > 0),
    equipment_ids uuid[] NOT NULL,
    group_size smallint,
    purpose text NOT NULL,
    net_per_workplace_hour_kopecks bigint NOT NULL,
    price_kopecks bigint NOT NULL CHECK (price_kopecks >= 0),
    vat_kopecks bigint NOT NULL CHECK (vat_kopecks BETWEEN 0 AND price_kopecks),
    vat_rate smallint,
    price_reason text NOT NULL,
    price_reason_ru text NOT NULL,
    answer_due_at timestamptz,
    requested_at timestamptz NOT NULL,
    answer_reason text,
    checked_in_at timestamptz,
    completed_at timestamptz,
    actual_minutes smallint,
    charged_kopecks bigint,
    charged_vat_kopecks bigint,
    version integer NOT NULL,
    CHECK (starts_at < ends_at),
    CHECK ((agreement_id IS NULL) = (owner_id = booker_id)),
    CHECK ((status = 'requested') <= (answer_due_at IS NOT NULL)),
    CHECK ((status = 'completed') = (charged_kopecks IS NOT NULL))
);;
CREATE INDEX bookings_by_booker ON bookings (booker_id, starts_at, id);;
CREATE INDEX bookings_by_owner ON bookings (owner_id, starts_at, id);;
CREATE INDEX bookings_unanswered ON bookings (answer_due_at) WHERE status = 'requested';;
CREATE TABLE pool_days (
    pool_id uuid NOT NULL,
    day date NOT NULL,
    places smallint NOT NULL,
    taken smallint[] NOT NULL,
    PRIMARY KEY (pool_id, day),
    FOREIGN KEY (pool_id, places) REFERENCES pools (id, workplaces) ON UPDATE CASCADE,
    CONSTRAINT a_pool_is_never_over_its_cap CHECK (places >= ALL (taken)),
    CONSTRAINT nobody_gives_back_what_he_has_not CHECK (0 <= ALL (taken)),
    CONSTRAINT a_day_has_288_slices CHECK (cardinality(taken) = 288)
) WITH (fillfactor = 70);;
CREATE TABLE occupations (
    id uuid PRIMARY KEY,
    resource_id uuid NOT NULL,
    booking_id uuid NOT NULL,
    during tstzrange NOT NULL CHECK (NOT isempty(during) AND NOT lower_inf(during)
        AND NOT upper_inf(during) AND lower_inc(during) AND NOT upper_inc(during)),
    released_at timestamptz,
    CONSTRAINT one_use_of_a_resource_at_a_time
        EXCLUDE USING gist (resource_id WITH =, during WITH &&) WHERE (released_at IS NULL)
);;
CREATE INDEX occupations_by_booking ON occupations (booking_id);;
CREATE FUNCTION places_added(taken smallint[], first int, last int, places int)
RETURNS smallint[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT taken[:first - 1]
        || ARRAY (SELECT (slice + places)::smallint
                  FROM unnest(taken[first:last]) WITH ORDINALITY AS s (slice, place)
                  ORDER BY place)
        || taken[last + 1:]
$$;;
CREATE FUNCTION most_taken(taken smallint[], first int, last int) RETURNS smallint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT max(slice) FROM unnest(taken[first:last]) AS slice
$$
"""

_COMPETENCES = """
INSERT INTO competences (id, name, sort_key) VALUES
    ('cnc-milling', 'Фрезерные работы на станках с ЧПУ', 'фрезерные работы на станках с чпу'),
    ('cnc-turning', 'Токарные работы на станках с ЧПУ', 'токарные работы на станках с чпу'),
    ('welding', 'Сварочные технологии', 'сварочные технологии'),
    ('electrical-installation', 'Электромонтаж', 'электромонтаж'),
    ('industrial-automation', 'Промышленная автоматика', 'промышленная автоматика'),
    ('mechatronics', 'Мехатроника', 'мехатроника'),
    ('chemical-analysis', 'Лабораторный химический анализ', 'лабораторный химический анализ'),
    ('bricklaying', 'Кирпичная кладка', 'кирпичная кладка'),
    ('drywall-and-plastering', 'Сухое строительство и штукатурные работы',
     'сухое строительство и штукатурные работы'),
    ('web', 'Веб-технологии', 'веб-технологии'),
    ('network-administration', 'Сетевое и системное администрирование',
     'сетевое и системное администрирование'),
    ('agricultural-machinery', 'Эксплуатация сельскохозяйственных машин',
     'эксплуатация сельскохозяйственных машин'),
    ('car-repair', 'Ремонт и обслуживание легковых автомобилей',
     'ремонт и обслуживание легковых автомобилей'),
    ('cooking', 'Поварское дело', 'поварское дело'),
    ('health-and-social-care', 'Медицинский и социальный уход',
     'медицинский и социальный уход'),
    ('primary-teaching', 'Преподавание в младших классах', 'преподавание в младших классах'),
    ('cad-design', 'Инженерный дизайн CAD', 'инженерный дизайн cad')
"""


def upgrade() -> None:
    """Makes everything, and gives the service's role the least it needs."""
    chassis_1()
    run(_TABLES)
    run(_COMPETENCES)
    grant("SELECT", "competences")
    grant("SELECT, INSERT, UPDATE", "members", "agreements")
    grant("SELECT, INSERT", "sites", "site_hours", "workshops", "pools", "equipment", "tariffs")
    grant("SELECT, INSERT", "pool_days", "occupations", "bookings")
    grant("UPDATE (taken)", "pool_days")
    grant("UPDATE (released_at)", "occupations")
    grant(
        "UPDATE (status, answer_due_at, answer_reason, checked_in_at, completed_at,"
        " actual_minutes, charged_kopecks, charged_vat_kopecks, version)",
        "bookings",
    )
