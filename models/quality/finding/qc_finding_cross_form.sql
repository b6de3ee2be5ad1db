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
    ('general_grant', 'B_TOTAL', 'general', 'amount'),
    ('general_grant', 'B_FISCAL', 'general', 'amount'),
    ('government_fund_grant', 'B_TOTAL', 'government_fund', 'amount'),
    ('government_fund_grant', 'B_FISCAL', 'government_fund', 'amount'),
    ('state_capital_grant', 'B_TOTAL', 'state_capital', 'amount'),
    ('state_capital_grant', 'B_FISCAL', 'state_capital', 'amount'),
    ('business_income', 'B_TOTAL', 'business_income', 'amount'),
    ('business_income', 'B_INCOME', 'total', 'business_income'),
    ('operating_income', 'B_TOTAL', 'operating_income', 'amount'),
    ('operating_income', 'B_INCOME', 'total', 'operating_income'),
    ('general', 'B_FISCAL', 'total_current_expenditure', 'general'),
    ('general', 'B_GPB_FUNC', 'total', 'total'),
    ('general_basic', 'B_GPB_FUNC', 'total', 'basic'),
    ('general_basic', 'B_GPB_BASIC', 'total', 'total'),
    ('government_fund', 'B_FISCAL', 'total_current_expenditure', 'government_fund'),
    ('government_fund', 'B_GOVFUND', 'total', 'total'),
    ('state_capital', 'B_FISCAL', 'total_current_expenditure', 'state_capital'),
    ('state_capital', 'B_STATECAP', 'total', 'total'),
    ('final_current_income', 'F_TOTAL', 'total_current_income', 'amount'),
    ('final_current_income', 'F_INCOME', 'total', 'total'),
    ('final_current_expenditure', 'F_TOTAL', 'total_current_expenditure', 'amount'),
    ('final_current_expenditure', 'F_EXPEND', 'total', 'total'),
    ('final_fiscal_grant', 'F_INCOME', 'total', 'fiscal_grant'),
    ('final_fiscal_grant', 'F_FISCAL', 'total_current_income', 'amount'),
    ('final_general_grant', 'F_TOTAL', 'general', 'amount'),
    ('final_general_grant', 'F_FISCAL', 'general', 'amount'),
    ('final_government_fund_grant', 'F_TOTAL', 'government_fund', 'amount'),
    ('final_government_fund_grant', 'F_FISCAL', 'government_fund', 'amount'),
    ('final_government_fund_grant', 'F_GOVFUND', 'total', 'current_income'),
    ('final_state_capital_grant', 'F_TOTAL', 'state_capital', 'amount'),
    ('final_state_capital_grant', 'F_FISCAL', 'state_capital', 'amount'),
    ('final_state_capital_grant', 'F_STATECAP', 'total', 'current_income'),
    ('final_superior_subsidy', 'F_TOTAL', 'superior_subsidy', 'amount'),
    ('final_superior_subsidy', 'F_INCOME', 'total', 'superior_subsidy'),
    ('final_business_income', 'F_TOTAL', 'business_income', 'amount'),
    ('final_business_income', 'F_INCOME', 'total', 'business_income'),
    ('final_operating_income', 'F_TOTAL', 'operating_income', 'amount'),
    ('final_operating_income', 'F_INCOME', 'total', 'operating_income'),
    ('final_affiliate_remittance', 'F_TOTAL', 'affiliate_remittance', 'amount'),
    ('final_affiliate_remittance', 'F_INCOME', 'total', 'affiliate_remittance'),
    ('final_other_income', 'F_TOTAL', 'other_income', 'amount'),
    ('final_other_income', 'F_INCOME', 'total', 'other_income'),
    ('final_general', 'F_FISCAL', 'total_current_expenditure', 'general'),
    ('final_general', 'F_GPB_FUNC', 'total', 'total'),
    ('final_general_basic', 'F_GPB_FUNC', 'total', 'basic'),
    ('final_general_basic', 'F_GPB_BASIC', 'personnel_and_public', 'amount'),
    ('final_government_fund', 'F_FISCAL', 'total_current_expenditure', 'government_fund'),
    ('final_government_fund', 'F_GOVFUND', 'total', 'current_expenditure'),
    ('final_government_fund_in', 'F_FISCAL', 'carry_over_in_government_fund', 'amount'),
    ('final_government_fund_in', 'F_GOVFUND', 'total', 'carry_over_in'),
    ('final_government_fund_out', 'F_FISCAL', 'carry_over_out', 'government_fund'),
    ('final_government_fund_out', 'F_GOVFUND', 'total', 'carry_over_out'),
    ('final_state_capital', 'F_FISCAL', 'total_current_expenditure', 'state_capital'),
    ('final_state_capital', 'F_STATECAP', 'total', 'current_expenditure'),
    ('final_state_capital', 'F_STATECAP', 'total', 'total'),
    ('final_state_capital_in', 'F_FISCAL', 'carry_over_in_state_capital', 'amount'),
    ('final_state_capital_in', 'F_STATECAP', 'total', 'carry_over_in'),
    ('final_state_capital_out', 'F_FISCAL', 'carry_over_out', 'state_capital'),
    ('final_state_capital_out', 'F_STATECAP', 'total', 'carry_over_out'),
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
    ('final_expenditure_class', 'F_TOTAL', 'amount'),
    ('final_expenditure_class', 'F_EXPEND', 'total'),
    ('final_general_class', 'F_FISCAL', 'general'),
    ('final_general_class', 'F_GPB_FUNC', 'total'),
    ('final_government_fund_class', 'F_FISCAL', 'government_fund'),
    ('final_government_fund_class', 'F_GOVFUND', 'current_expenditure'),
    ('final_state_capital_class', 'F_FISCAL', 'state_capital'),
    ('final_state_capital_class', 'F_STATECAP', 'current_expenditure'),
    ('final_state_capital_class', 'F_STATECAP', 'total'),
] %}
{# A form and another one that holds a part of it (the general budget is a part of all expenditure). Where the totals of
   both are one figure, the part is the whole, and so is every class of it. #}
{% set part_forms = [
    ('B_EXPEND', 'B_FISCAL_FUNC'),
    ('B_EXPEND', 'B_GPB_FUNC'),
    ('B_FISCAL_FUNC', 'B_GPB_FUNC'),
    ('B_FISCAL_BASIC', 'B_GPB_BASIC'),
    ('F_EXPEND', 'F_GPB_FUNC'),
] %}

with figure_rule as (
    select * from {{ rule_rows(['concept', 'form_code', 'class_code', 'measure_code'], figures) }}
),

class_rule as (
    select * from {{ rule_rows(['concept', 'form_code', 'measure_code'], class_figures) }}
),

part_form as (
    select * from {{ rule_rows(['whole_code', 'part_code'], part_forms) }}
),

printed as (
    select
        *,
        {{ half_last_digit('amount_yuan', 'amount_scale', 'amount_unit') }} as half_digit,
        row_number() over (
            partition by document_id, form_no, side, measure_code, class_code order by row_no nulls last
        ) as occurrence
    from {{ new_rows(ref('fct_budget_line')) }}
    where amount_yuan is not null and measure_code is not null
),

-- Balances carried over, and the totals of the year where they are printed.
side_of_form as (
    select
        document_id,
        form_no,
        side,
        max(case when class_code like 'total_current%' then 1 else 0 end) as has_current_total,
        max(case when class_code like 'carry_over%' or class_code like '%surplus%' then 1 else 0 end) as has_balance
    from printed
    where side is not null
    group by document_id, form_no, side
),

line as (
    select
        printed.document_id,
        printed.unit_key,
        printed.phase,
        printed.fiscal_year,
        printed.form_no,
        printed.form_code,
        printed.form_title_printed,
        printed.fct_budget_line_key,
        printed.row_no,
        printed.measure_code,
        printed.measure_printed,
        -- Without a balance carried over the grand total is that of the year.
        case
            when printed.class_code = 'total_income' and side_of_form.has_current_total + side_of_form.has_balance = 0
                then 'total_current_income'
            when
                printed.class_code = 'total_expenditure'
                and side_of_form.has_current_total + side_of_form.has_balance = 0
                then 'total_current_expenditure'
            else printed.class_code
        end as class_code,
        printed.class_level,
        {{ remove_white_space(normalise_line_name('printed.class_name_printed')) }} as name_text,
        printed.amount_printed,
        printed.amount_unit,
        printed.amount_scale,
        printed.amount_yuan,
        printed.half_digit,
        printed.source_locator
    from printed
    left join side_of_form
        on
            printed.document_id = side_of_form.document_id
            and printed.form_no = side_of_form.form_no
            and printed.side = side_of_form.side
    where printed.occurrence = 1
    union all
    -- Two totals of a list whose sum is printed in another form.
    select
        document_id,
        unit_key,
        phase,
        fiscal_year,
        form_no,
        form_code,
        form_title_printed,
        max(fct_budget_line_key) as fct_budget_line_key,
        max(row_no) as row_no,
        measure_code,
        max(measure_printed) as measure_printed,
        'personnel_and_public' as class_code,
        cast(null as integer) as class_level,
        '人员经费与公用经费之和' as name_text,
        {{ print_number(amount_in_unit('sum(amount_yuan)', 'amount_unit'), 'max(amount_scale)') }} as amount_printed,
        amount_unit,
        max(amount_scale) as amount_scale,
        cast(sum(amount_yuan) as decimal(20, 2)) as amount_yuan,
        cast(sum(half_digit) as decimal(20, 8)) as half_digit,
        {{ locator_span('source_locator', 'column_no') }} as source_locator
    from printed
    where class_code in ('total_personnel', 'total_public') and occurrence = 1
    group by
        document_id, unit_key, phase, fiscal_year, form_no, form_code, form_title_printed, measure_code, amount_unit
    having count(*) = 2
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
    union all
    select
        class_rule.concept,
        line.*
    from line
    inner join class_rule
        on line.form_code = class_rule.form_code and line.measure_code = class_rule.measure_code
    where line.class_level is not null
),

-- Forms that hold one total, for all columns or for one.
same_total as (
    select distinct
        whole.document_id,
        whole.form_no as whole_form_no,
        part.form_no as part_form_no,
        whole.measure_code
    from part_form
    inner join line as whole on part_form.whole_code = whole.form_code
    inner join line as part
        on
            part_form.part_code = part.form_code
            and whole.document_id = part.document_id
            and whole.unit_key = part.unit_key
            and whole.phase = part.phase
            and whole.fiscal_year = part.fiscal_year
            and whole.measure_code = part.measure_code
            and whole.amount_yuan = part.amount_yuan
    where whole.class_code = 'total' and part.class_code = 'total' and whole.amount_yuan > 0
),

pair as (
    select
        a.fct_budget_line_key as a_key,
        a.class_code as a_code,
        b.fct_budget_line_key as b_key,
        b.class_code as b_code
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
    union
    select
        whole.fct_budget_line_key as a_key,
        whole.class_code as a_code,
        part.fct_budget_line_key as b_key,
        part.class_code as b_code
    from same_total
    inner join line as whole
        on same_total.document_id = whole.document_id and same_total.whole_form_no = whole.form_no
    inner join line as part
        on
            same_total.document_id = part.document_id
            and same_total.part_form_no = part.form_no
            and whole.measure_code = part.measure_code
            and whole.class_code = part.class_code
    where same_total.measure_code in ('total', whole.measure_code)
),

compared as (
    select
        'cross_form_total' as finding_code,
        a.document_id,
        a.form_no,
        'fct_budget_line' as fact_table,
        a.fct_budget_line_key as fact_key,
        concat_ws(' ', case when a.class_level is not null then a.class_code end, a.name_text) as subject,
        concat(
            coalesce(b.form_title_printed, b.form_code), ' ', b.name_text, ' · ', coalesce(b.measure_printed, '')
        ) as note,
        {{ compared_figure('a', 'a') }},
        {{ printed_beside('b.amount_printed', 'b.amount_unit', 'a.amount_unit') }} as b_printed,
        b.amount_scale as b_scale,
        b.amount_yuan as b_yuan,
        b.half_digit as b_half_digit,
        b.source_locator as b_locator,
        true as is_complete
    from pair
    inner join line as a on pair.a_key = a.fct_budget_line_key and pair.a_code = a.class_code
    inner join line as b on pair.b_key = b.fct_budget_line_key and pair.b_code = b.class_code
),

in_unit as (
    select
        *,
        {{ amounts_in_unit() }}
    from compared
)

select {{ finding_of_numbers() }}
from in_unit
where a_number <> b_number and not {{ is_rounded_print() }}
