-- Every amount with a class code and a fiscal year has exactly one row of its class dimension.
with class as (
    select
        'function' as class_type,
        class_code,
        edition_from,
        edition_to
    from {{ ref('dim_function_class') }}
    union all
    select
        class_type,
        class_code,
        edition_from,
        edition_to
    from {{ ref('dim_economic_class') }}
),

line as (
    select distinct
        document_id,
        class_code,
        fiscal_year,
        case class_type when 'item' then 'function' else class_type end as class_type
    from {{ ref('fct_budget_line') }}
    where class_level is not null and fiscal_year is not null
)

select
    line.document_id,
    line.class_type,
    line.class_code,
    line.fiscal_year,
    count(class.class_code) as row_count
from line
left join class
    on
        line.class_type = class.class_type
        and line.class_code = class.class_code
        and line.fiscal_year between coalesce(class.edition_from, 0) and coalesce(class.edition_to, 9999)
group by line.document_id, line.class_type, line.class_code, line.fiscal_year
having count(class.class_code) <> 1
