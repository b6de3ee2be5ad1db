-- Grain: one row a class code and printed name that the reviewed list lacks in the years in which documents print it.

with listed as (
    select
        'function' as class_type,
        class_code,
        class_name,
        edition_from,
        edition_to
    from {{ ref('function_class') }}
    union all
    select
        class_type,
        class_code,
        class_name,
        edition_from,
        edition_to
    from {{ ref('economic_class') }}
),

observed as (
    select
        observed.class_type,
        observed.class_code,
        observed.class_name_printed,
        observed.fiscal_year,
        observed.document_id,
        min(observed.source_locator) as source_locator,
        min(listed.class_name) as listed_name,
        max(
            case
                when
                    listed.class_code is not null
                    and (
                        observed.fiscal_year is null
                        or observed.fiscal_year
                        between coalesce(listed.edition_from, 0) and coalesce(listed.edition_to, 9999)
                    )
                    then 1
                else 0
            end
        ) as is_covered
    from {{ ref('int_class_observed') }} as observed
    left join listed on observed.class_type = listed.class_type and observed.class_code = listed.class_code
    group by
        observed.class_type, observed.class_code, observed.class_name_printed, observed.fiscal_year,
        observed.document_id
)

select
    class_type,
    class_code,
    class_name_printed,
    case when min(listed_name) is null then 'code' else 'edition' end as gap_kind,
    min(listed_name) as listed_name,
    min(fiscal_year) as first_year,
    max(fiscal_year) as last_year,
    count(distinct document_id) as document_count,
    min(document_id) as document_id,
    min_by(source_locator, document_id || source_locator) as source_locator
from observed
where is_covered = 0
group by class_type, class_code, class_name_printed
