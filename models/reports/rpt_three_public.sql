-- Grain: one row an item, fund and phase of the three-public expenses of a unit, scope and year: the latest printing.
-- The budget column of a final account stands in only where no budget of that year is loaded.

with expense as (
    select
        expense.*,
        form.form_title_printed,
        -- Whose money the form covers, as its title says: a form of the general budget is not one of all fiscal grants.
        case
            when {{ rx_matches('form.form_title_printed', '一般公共预算') }} then 'general'
            when {{ rx_matches('form.form_title_printed', '财政拨款') }} then 'fiscal_grant'
        end as caliber,
        expense.phase = 'budget' and expense.form_code <> 'B_3P' as is_budget_of_final_account,
        max(case when expense.phase = 'budget' and expense.form_code = 'B_3P' then 1 else 0 end) over (
            partition by expense.unit_key, expense.report_scope, expense.fiscal_year
        ) = 1 as has_budget,
        row_number() over (
            partition by
                expense.unit_key, expense.report_scope, expense.fiscal_year, expense.phase,
                expense.item_code, expense.fund_code
            order by
                case when expense.phase = 'budget' and expense.form_code <> 'B_3P' then 1 else 0 end asc,
                expense.form_no asc,
                expense.row_no asc,
                expense.column_no asc
        ) as choice
    from {{ ref('fct_three_public_expense') }} as expense
    inner join {{ ref('dim_form') }} as form
        on expense.document_id = form.document_id and expense.form_no = form.form_no
    -- A column of the year before, of the change, or of a meaning that nobody knows is no figure of this year.
    where
        form.is_latest
        and expense.fiscal_year is not null
        and expense.item_code is not null
        and expense.fund_code in ('total', 'general', 'government_fund', 'state_capital')
)

select
    expense.fct_three_public_expense_key,
    {{ surrogate_key([
        'expense.unit_key', 'expense.report_scope', 'expense.phase', 'expense.item_code', 'expense.fund_code'
    ]) }} as line_key,
    expense.unit_key,
    unit.unit_name,
    unit.region_code,
    unit.sector,
    expense.report_scope,
    expense.phase,
    expense.fiscal_year,
    expense.form_code,
    expense.item_code,
    expense.item_printed,
    expense.fund_code,
    expense.caliber,
    expense.amount_printed,
    expense.amount_unit,
    expense.amount_scale,
    expense.amount_yuan,
    expense.document_id,
    expense.source_locator
from expense
inner join {{ ref('dim_unit') }} as unit on expense.unit_key = unit.unit_key
where expense.choice = 1 and not (expense.is_budget_of_final_account and expense.has_budget)
