-- Grain: one row a finding on the same figure printed in two budget forms of one unit and phase (identity I9).

{# One figure and the forms that print it: form, line, column. #}
{% set figures = [
    ('current_income', 'B_TOTAL', 'total_current_income', 'amount'),
    ('current_income', 'B_INCOME', 'total', 'subtotal'),
    ('total_income', 'B_TOTAL', 'total_income', 'amount'),
    ('total_income', 'B_INCOME', 'total', 'total'),
    ('current_expenditure', 'B_TOTAL', 'total_current_expenditure', 'amount'),
    ('current_expenditure', 'B_EXPEND', 'total', 'total'),
    ('fiscal_grant', 'B_INCOME', 'total', 'fiscal_grant'),
    ('fiscal_grant', 'B_FISCAL', 'total_current_income', 'amount'),
    ('general', 'B_FISCAL', 'total_current_expenditure', 'general'),
    ('general', 'B_GPB_FUNC', 'total', 'total'),
    ('general_basic', 'B_GPB_FUNC', 'total', 'basic'),
    ('general_basic', 'B_GPB_BASIC', 'total', 'total'),
    ('government_fund', 'B_FISCAL', 'total_current_expenditure', 'government_fund'),
    ('government_fund', 'B_GOVFUND', 'total', 'total'),
    ('state_capital', 'B_FISCAL', 'total_current_expenditure', 'state_capital'),
    ('state_capital', 'B_STATECAP', 'total', 'total'),
] %}
{# The same, class by class. #}
{% set class_figures = [
    ('expenditure_class', 'B_TOTAL', 'amount'),
    ('expenditure_class', 'B_EXPEND', 'total'),
    ('general_class', 'B_FISCAL', 'general'),
    ('general_class', 'B_GPB_FUNC', 'total'),
    ('government_fund_class', 'B_FISCAL', 'government_fund'),
    ('government_fund_class', 'B_GOVFUND', 'total'),
    ('state_capital_class', 'B_FISCAL', 'state_capital'),
    ('state_capital_class', 'B_STATECAP', 'total'),
] %}

with figure_rule as (
    select * from {{ rule_rows(['concept', 'form_code', 'class_code', 'measure_code'], figures) }}
),

class_rule as (
    select * from {{ rule_rows(['concept', 'form_code', 'measure_code'], class_figures) }}
),

line as (
    select
        *,
        row_number() over (
            partition by document_id, form_no, side, measure_code, class_code order by row_no nulls last
        ) as occurrence
    from {{ ref('fct_budget_line') }}
    where amount_yuan is not null
),

figure as (
    select
        figure_rule.concept,
        line.*
    from line
    inner join figure_rule
        on
            line.form_code = figure_rule.form_code
            and line.class_code = figure_rule.class_code
            and line.measure_code = figure_rule.measure_code
    where line.occurrence = 1
    union all
    select
        class_rule.concept,
        line.*
    from line
    inner join class_rule
        on line.form_code = class_rule.form_code and line.measure_code = class_rule.measure_code
    where line.class_level is not null and line.occurrence = 1
),

compared as (
    select
        'cross_form_total' as finding_code,
        a.document_id,
        a.form_no,
        'fct_budget_line' as fact_table,
        a.fct_budget_line_key as fact_key,
        concat_ws(
            ' ', case when a.class_level is not null then a.class_code end,
            {{ remove_white_space(normalise_line_name('a.class_name_printed')) }}
        ) as subject,
        concat(
            coalesce(b.form_title_printed, b.form_code), ' ',
            {{ remove_white_space(normalise_line_name('b.class_name_printed')) }},
            ' · ', coalesce(b.measure_printed, '')
        ) as note,
        a.amount_printed as a_printed,
        a.amount_unit as a_unit,
        a.amount_scale as a_scale,
        a.amount_yuan as a_yuan,
        a.source_locator as a_locator,
        concat(b.amount_printed, case when a.amount_unit <> b.amount_unit then b.amount_unit else '' end) as b_printed,
        b.amount_scale as b_scale,
        b.amount_yuan as b_yuan,
        {{ half_last_digit('b.amount_yuan', 'b.amount_scale', 'b.amount_unit') }} as b_half_digit,
        b.source_locator as b_locator,
        true as is_complete
    from figure as a
    inner join figure as b
        on
            a.document_id = b.document_id
            and a.unit_key = b.unit_key
            and a.phase = b.phase
            and a.fiscal_year = b.fiscal_year
            and a.concept = b.concept
            and a.form_no < b.form_no
            and a.form_code <> b.form_code
            and (a.class_level is null or a.class_code = b.class_code)
),

in_unit as (
    select
        *,
        {{ amounts_in_unit() }}
    from compared
)

select {{ finding_of_numbers() }}
from in_unit
where a_number <> b_number
