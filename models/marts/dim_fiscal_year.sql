-- Grain: one row a fiscal year from the first to the last that a document prints, years without a document included.

with digit as (
    {% for digit in range(10) %}
        select {{ digit }} as digit
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

span as (
    select
        min(fiscal_year) as first_year,
        max(fiscal_year) as last_year
    from {{ ref('dim_document') }}
),

fiscal_year as (
    select span.first_year + tens.digit * 10 + ones.digit as fiscal_year
    from span
    cross join digit as tens
    cross join digit as ones
    where span.first_year + tens.digit * 10 + ones.digit <= span.last_year
),

-- The last reform of the economic classification up to the year: codes are not compared over it.
reform as (
    select
        fiscal_year.fiscal_year,
        max(classification_reform.change_year) as economic_classification_since
    from fiscal_year
    left join {{ ref('classification_reform') }} as classification_reform
        on
            fiscal_year.fiscal_year >= classification_reform.change_year
            and classification_reform.class_type = 'economic_department'
    group by fiscal_year.fiscal_year
)

select
    cast(reform.fiscal_year as integer) as fiscal_year,
    cast(count(document.document_id) as integer) as document_count,
    cast(reform.economic_classification_since as integer) as economic_classification_since
from reform
left join {{ ref('dim_document') }} as document
    on reform.fiscal_year = document.fiscal_year and document.is_current
group by reform.fiscal_year, reform.economic_classification_since
