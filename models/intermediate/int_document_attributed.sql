-- Grain: one row a loaded document.
-- What every fact of a document inherits where its form says nothing of its own.

with publisher as (
    select
        document_id,
        fiscal_year,
        report_scope,
        phase,
        nullif(regexp_extract({{ to_halfwidth('region_code_printed') }}, '^([0-9]{6})', 1), '') as region_code,
        {{ clean_text(unit_code_prefix('publisher_printed')) }} as publisher_code_printed,
        {{ clean_text(
            "substring(publisher_printed, length(" ~ unit_code_prefix('publisher_printed') ~ ") + 1)"
        ) }} as publisher_name
    from {{ ref('stg_document') }}
),

named as (
    select
        publisher.*,
        coalesce(unit_alias.unit_name, {{ unit_name_normalised('publisher.publisher_name') }}) as name_of_key
    from publisher
    left join {{ ref('unit_alias') }} as unit_alias
        on {{ unit_name_normalised('publisher.publisher_name') }} = unit_alias.name_normalised
)

select
    document_id,
    fiscal_year,
    report_scope,
    phase,
    region_code,
    nullif(regexp_extract(publisher_code_printed, '([0-9]+)', 1), '') as publisher_code,
    publisher_name,
    {{ unit_key('name_of_key', 'document_id') }} as unit_key
from named
