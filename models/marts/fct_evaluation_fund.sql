-- Grain: one row a fund source of a self-evaluation.
{{ config(materialized='incremental') }}

select
    {{ surrogate_key(['fund.document_id', 'fund.form_no', 'fund.fund_no']) }} as fct_evaluation_fund_key,
    fund.document_id,
    form.fiscal_year,
    form.unit_key,
    form.report_scope,
    form.phase,
    fund.form_no,
    identified.project_key,
    identified.project_name,
    fund.fund_no,
    fund.fund_source_printed,
    fund.fund_source_code,
    fund.amount_unit,
    fund.initial_printed,
    fund.initial_yuan,
    fund.annual_printed,
    fund.annual_yuan,
    fund.executed_printed,
    fund.executed_yuan,
    fund.rate_printed,
    fund.rate_pct,
    fund.weight_printed,
    fund.weight,
    fund.score_printed,
    fund.score,
    'table' as source_kind,
    fund.source_locator,
    fund.source_box
from {{ new_rows(ref('int_evaluation_fund_typed')) }} as fund
inner join {{ ref('int_form_attributed') }} as form
    on fund.document_id = form.document_id and fund.form_no = form.form_no
left join {{ ref('int_project_identified') }} as identified
    on
        fund.document_id = identified.document_id
        and fund.form_no = identified.form_no
        and identified.stage = 'self_evaluation'
