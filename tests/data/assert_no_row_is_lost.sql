-- Every staging row of a fact is a row of that fact: no join drops or multiplies one. Failures are listed by document.
{% set pairs = [
    ('stg_budget_cell', 'fct_budget_line', 'true'),
    ('stg_three_public_cell', 'fct_three_public_expense', 'true'),
    ('stg_project', 'fct_project', 'true'),
    ('stg_project_goal', 'fct_project_goal', 'true'),
    ('stg_project_plan', 'fct_project_spending_plan', 'true'),
    ('stg_project_indicator', 'fct_project_indicator', 'true'),
    ('stg_evaluation', 'fct_project_evaluation', "match_kind <> 'summary'"),
    ('stg_evaluation_summary', 'fct_project_evaluation', "match_kind <> 'form'"),
    ('stg_evaluation_fund', 'fct_evaluation_fund', 'true'),
    ('stg_procurement_cell', 'fct_procurement_item', 'column_no is not null'),
    ('stg_asset_line', 'fct_asset', 'true'),
    ('stg_department_goal', 'fct_department_goal', 'true'),
    ('stg_department_value', 'fct_department_value', 'true'),
    ('stg_department_task', 'fct_department_task', 'true'),
    ('stg_narrative_figure', 'fct_narrative_figure', 'true'),
    ('stg_document', 'dim_document', 'true'),
] -%}
with counted as (
    {% for staging, fact, condition in pairs -%}
        select
            '{{ staging }}' as staging,
            document_id,
            1 as staged,
            0 as published
        from {{ ref(staging) }}
        union all
        select
            '{{ staging }}' as staging,
            document_id,
            0 as staged,
            1 as published
        from {{ ref(fact) }}
        where {{ condition }}
        {% if not loop.last -%}
            union all
        {% endif -%}
    {% endfor %}
)

select
    staging,
    document_id,
    sum(staged) as staged_rows,
    sum(published) as published_rows
from counted
group by staging, document_id
having sum(staged) <> sum(published)
