-- A name of a reference list that normalise_line_name would change can never be found.
{% set columns = [
    ('income_line', 'line_name'),
    ('expenditure_line', 'line_name'),
    ('three_public_item', 'item_name'),
    ('evaluation_fund_source', 'source_name'),
    ('narrative_metric', 'metric_name'),
] -%}
with printed as (
    {% for seed, column in columns -%}
        select
            '{{ seed }}' as seed,
            {{ column }} as printed_name
        from {{ ref(seed) }}
        {% if not loop.last -%}
            union all
        {% endif -%}
    {% endfor %}
)

select
    seed,
    printed_name
from printed
where printed_name is distinct from {{ normalise_line_name('printed_name') }}
