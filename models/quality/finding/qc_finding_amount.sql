-- Grain: one row per finding on a printed amount of money.
-- What stands in the place of an amount and is no number, and units of money that nobody knows.

{%- set facts = [
    ('fct_budget_line', ['amount'], 'class_name_printed, measure_printed'),
    ('fct_three_public_expense', ['amount'], 'item_printed, measure_printed'),
    ('fct_procurement_item', ['amount'], 'item_name, measure_printed'),
    ('fct_evaluation_fund', ['initial', 'annual', 'executed'], 'project_name, fund_source_printed'),
    ('fct_project', ['budget', 'fiscal', 'local', 'other'], 'project_name'),
] %}

with unread as (
    {% for table, amounts, names in facts -%}
        {% set is_last_table = loop.last -%}
        {% for amount in amounts -%}
            {% set has_own_unit = table == 'fct_project' -%}
            select
                document_id,
                form_no,
                '{{ table }}' as fact_table,
                {{ table }}_key as fact_key,
                concat_ws(' ', {{ names }}) as subject,
                {{ amount }}_printed as amount_printed,
                source_locator
            from {{ new_rows(ref(table)) }}
            where {{ amount }}_yuan is null and {{ amount if has_own_unit else 'amount' }}_unit is not null
            {% if not (is_last_table and loop.last) -%}
                union all
            {% endif -%}
        {% endfor -%}
    {% endfor %}
),

-- A form whose amounts have no worth, because of its unit; a figure in prose brings its own.
unknown_unit as (
    select
        document_id,
        form_no,
        cast(null as string) as fact_table,
        cast(null as string) as fact_key,
        form_title_printed as subject,
        amount_unit_printed as unit_printed,
        source_locator
    from {{ new_rows(ref('int_form_attributed')) }}
    where amount_unit_printed is not null and amount_unit is null
    union all
    select
        document_id,
        cast(null as integer) as form_no,
        'fct_narrative_figure' as fact_table,
        fct_narrative_figure_key as fact_key,
        metric_printed as subject,
        figure_unit as unit_printed,
        source_locator
    from {{ new_rows(ref('fct_narrative_figure')) }}
    where amount_printed is not null and amount_unit is null and {{ rx_matches('figure_unit', '元$') }}
)

-- Printed, with digits or in a display that is not known, and no number: 2,9440.05
select
    {{ finding_columns(
        code="'amount_malformed'",
        outcome="'not_checkable'",
        subject='subject',
        fact_table='fact_table',
        fact_key='fact_key',
        value_a='amount_printed',
        locator_a='source_locator'
    ) }}
from unread
where {{ rx_matches('amount_printed', '[0-9０-９]|^［.*］$') }} and not {{ is_masked('amount_printed') }}
union all
select
    {{ finding_columns(
        code="'amount_unit_unknown'",
        outcome="'not_checkable'",
        subject='subject',
        fact_table='fact_table',
        fact_key='fact_key',
        value_a='unit_printed',
        locator_a='source_locator'
    ) }}
from unknown_unit
