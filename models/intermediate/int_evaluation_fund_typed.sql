-- Grain: one row a fund source of a self-evaluation form.
{{ config(materialized='incremental') }}

{%- set amounts = ['initial', 'annual', 'executed'] %}

with named as (
    select
        fund.*,
        form.amount_unit,
        {{ normalise_line_name('fund.fund_source_printed') }} as source_name
    from {{ new_rows(ref('stg_evaluation_fund')) }} as fund
    inner join {{ ref('int_form_attributed') }} as form
        on fund.document_id = form.document_id and fund.form_no = form.form_no
)

select
    named.document_id,
    named.form_no,
    named.fund_no,
    named.fund_source_printed,
    source.source_code as fund_source_code,
    named.amount_unit,
    {% for name in amounts -%}
        named.{{ name }}_printed,
        {{ amount_yuan(
            parse_decimal('named.' ~ name ~ '_printed'),
            'coalesce(' ~ printed_unit('named.' ~ name ~ '_printed') ~ ', named.amount_unit)'
        ) }} as {{ name }}_yuan,
    {% endfor -%}
    named.weight_printed,
    cast({{ parse_decimal('named.weight_printed') }} as decimal(18, 4)) as weight,
    named.rate_printed,
    cast({{ parse_decimal('named.rate_printed') }} as decimal(18, 4)) as rate_pct,
    named.score_printed,
    cast({{ parse_decimal('named.score_printed') }} as decimal(18, 4)) as score,
    named.source_locator,
    named.source_box
from named
left join {{ ref('evaluation_fund_source') }} as source
    on named.source_name = source.source_name
