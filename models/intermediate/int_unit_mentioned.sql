-- Grain: one row a budget unit that a document names: publisher, owner of a form, or body of the table of bodies.
-- A unit that is not the publisher has the publisher as parent.

with body as (
    select
        body.document_id,
        body.unit_name_printed,
        document.unit_key as publisher_key,
        {{ unit_key(
            "coalesce(unit_alias.unit_name, " ~ unit_name_normalised('body.unit_name_printed') ~ ")", 'body.document_id'
        ) }} as unit_key
    from {{ ref('stg_unit_profile') }} as body
    inner join {{ ref('int_document_attributed') }} as document on body.document_id = document.document_id
    left join {{ ref('unit_alias') }} as unit_alias
        on {{ unit_name_normalised('body.unit_name_printed') }} = unit_alias.name_normalised
    where body.unit_name_printed is not null
),

mention as (
    select
        document_id,
        unit_key,
        publisher_name as unit_name,
        publisher_code as unit_code,
        true as is_publisher
    from {{ ref('int_document_attributed') }}
    union all
    select
        document_id,
        unit_key,
        unit_name,
        unit_code,
        unit_key = publisher_key as is_publisher
    from {{ ref('int_form_attributed') }}
    where has_owner
    union all
    select
        document_id,
        unit_key,
        unit_name_printed as unit_name,
        cast(null as string) as unit_code,
        unit_key = publisher_key as is_publisher
    from body
),

unit as (
    select
        document_id,
        unit_key,
        min(unit_name) as unit_name,
        max(unit_code) as unit_code,
        max(case when is_publisher then 1 else 0 end) = 1 as is_publisher
    from mention
    group by document_id, unit_key
)

select
    unit.document_id,
    unit.unit_key,
    unit.unit_name,
    unit.unit_code,
    unit.is_publisher,
    document.fiscal_year,
    document.region_code,
    case when not unit.is_publisher then document.unit_key end as parent_unit_key
from unit
inner join {{ ref('int_document_attributed') }} as document on unit.document_id = document.document_id
