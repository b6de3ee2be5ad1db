-- Grain: one row a finding on sums within one budget form.
-- Classes, totals, balances and columns (identities I1-I8 and I11).
-- A blank amount counts as 0 where the total and at least one part are printed.

{# Total of a line of the income or expenditure side and the lines that it is made of. #}
{% set line_rules = [
    ('total_with_carry_over', 'income', 'total_income', 'total_current_income', 'yes'),
    ('total_with_carry_over', 'income', 'total_income', 'carry_over_in', none),
    ('total_with_carry_over', 'income', 'total_income', 'non_fiscal_surplus_used', none),
    ('total_with_carry_over', 'expenditure', 'total_expenditure', 'total_current_expenditure', 'yes'),
    ('total_with_carry_over', 'expenditure', 'total_expenditure', 'carry_over_out', none),
    ('total_with_carry_over', 'expenditure', 'total_expenditure', 'surplus_distribution', none),
    ('income_line_sum', 'income', 'carry_over_in', 'carry_over_in_general', none),
    ('income_line_sum', 'income', 'carry_over_in', 'carry_over_in_government_fund', none),
    ('income_line_sum', 'income', 'carry_over_in', 'carry_over_in_state_capital', none),
    ('income_line_sum', 'income', 'fiscal_grant', 'general', none),
    ('income_line_sum', 'income', 'fiscal_grant', 'government_fund', none),
    ('income_line_sum', 'income', 'fiscal_grant', 'state_capital', none),
    ('income_line_sum', 'income', 'unit_funds', 'business_income', none),
    ('income_line_sum', 'income', 'unit_funds', 'operating_income', none),
    ('income_line_sum', 'income', 'unit_funds', 'superior_subsidy', none),
    ('income_line_sum', 'income', 'unit_funds', 'affiliate_remittance', none),
    ('income_line_sum', 'income', 'unit_funds', 'other_income', none),
    ('personnel_public_sum', 'list', 'total_personnel', '301', none),
    ('personnel_public_sum', 'list', 'total_personnel', '303', none),
    ('personnel_public_sum', 'list', 'total_public', '302', none),
    ('personnel_public_sum', 'list', 'total_public', '307', none),
    ('personnel_public_sum', 'list', 'total_public', '309', none),
    ('personnel_public_sum', 'list', 'total_public', '310', none),
    ('personnel_public_sum', 'list', 'total_public', '311', none),
    ('personnel_public_sum', 'list', 'total_public', '312', none),
    ('personnel_public_sum', 'list', 'total_public', '313', none),
    ('personnel_public_sum', 'list', 'total_public', '399', none),
    ('personnel_public_sum', 'list', 'total', 'total_personnel', none),
    ('personnel_public_sum', 'list', 'total', 'total_public', none),
] %}
{# A fund: its income and its balance carried in, and its column of the expenditure. #}
{% set fund_rules = [
    ('general', 'carry_over_in_general'),
    ('government_fund', 'carry_over_in_government_fund'),
    ('state_capital', 'carry_over_in_state_capital'),
] %}
{% set incoming = "'total_current_income', 'carry_over_in', 'non_fiscal_surplus_used'" %}
{# Column of a total and the columns that it is made of. A rule holds in forms that have the column `needs` and neither
   of the columns `unless` and `unless_too`. #}
{% set column_rules = [
    ('expenditure_column_sum', 'total', 'basic', 'basic', none, none),
    ('expenditure_column_sum', 'total', 'project', 'basic', none, none),
    ('expenditure_column_sum', 'total', 'operating', 'basic', none, none),
    ('expenditure_column_sum', 'total', 'remit_superior', 'basic', none, none),
    ('expenditure_column_sum', 'total', 'subsidy_affiliate', 'basic', none, none),
    ('expenditure_column_sum', 'total', 'reserve', 'basic', none, none),
    ('expenditure_column_sum', 'total', 'carry_over_out', 'basic', none, none),
    ('expenditure_column_sum', 'current_expenditure', 'basic', 'carry_over_out', none, none),
    ('expenditure_column_sum', 'current_expenditure', 'project', 'carry_over_out', none, none),
    ('personnel_public_sum', 'total', 'personnel', 'personnel', 'basic', none),
    ('personnel_public_sum', 'total', 'public', 'personnel', 'basic', none),
    ('personnel_public_sum', 'total', 'project', 'personnel', 'basic', none),
    ('personnel_public_sum', 'basic', 'personnel', 'personnel', none, none),
    ('personnel_public_sum', 'basic', 'public', 'personnel', none, none),
    ('income_column_sum', 'total', 'subtotal', 'fiscal_grant', none, none),
    ('income_column_sum', 'total', 'carry_over_in', 'subtotal', none, none),
    ('income_column_sum', 'subtotal', 'fiscal_grant', 'fiscal_grant', none, none),
    ('income_column_sum', 'subtotal', 'fiscal_special_account', 'fiscal_grant', none, none),
    ('income_column_sum', 'subtotal', 'unit_funds', 'fiscal_grant', none, none),
    ('income_column_sum', 'subtotal', 'business_income', 'fiscal_grant', 'unit_funds', none),
    ('income_column_sum', 'subtotal', 'operating_income', 'fiscal_grant', 'unit_funds', none),
    ('income_column_sum', 'subtotal', 'superior_subsidy', 'fiscal_grant', 'unit_funds', none),
    ('income_column_sum', 'subtotal', 'affiliate_remittance', 'fiscal_grant', 'unit_funds', none),
    ('income_column_sum', 'subtotal', 'other_income', 'fiscal_grant', 'unit_funds', none),
    ('income_column_sum', 'total', 'fiscal_grant', 'fiscal_grant', 'subtotal', none),
    ('income_column_sum', 'total', 'fiscal_special_account', 'fiscal_grant', 'subtotal', none),
    ('income_column_sum', 'total', 'unit_funds', 'fiscal_grant', 'subtotal', none),
    ('income_column_sum', 'total', 'carry_over_in', 'fiscal_grant', 'subtotal', none),
    ('income_column_sum', 'total', 'business_income', 'fiscal_grant', 'subtotal', 'unit_funds'),
    ('income_column_sum', 'total', 'operating_income', 'fiscal_grant', 'subtotal', 'unit_funds'),
    ('income_column_sum', 'total', 'superior_subsidy', 'fiscal_grant', 'subtotal', 'unit_funds'),
    ('income_column_sum', 'total', 'affiliate_remittance', 'fiscal_grant', 'subtotal', 'unit_funds'),
    ('income_column_sum', 'total', 'other_income', 'fiscal_grant', 'subtotal', 'unit_funds'),
    ('fund_column_sum', 'total', 'general', 'general', none, none),
    ('fund_column_sum', 'total', 'government_fund', 'general', none, none),
    ('fund_column_sum', 'total', 'state_capital', 'general', none, none),
] %}

with line_rule as (
    select * from {{ rule_rows(['finding_code', 'side', 'total_code', 'part_code', 'is_required'], line_rules) }}
),

fund_rule as (
    select * from {{ rule_rows(['fund_code', 'carry_over_code'], fund_rules) }}
),

column_rule as (
    select *
    from
        {{ rule_rows(
            ['finding_code', 'total_code', 'part_code', 'needs', 'unless', 'unless_too'], column_rules
        ) }}
),

line as (
    select
        fct_budget_line_key,
        document_id,
        form_no,
        row_no,
        column_no,
        coalesce(side, '') as side,
        class_type,
        class_code,
        class_level,
        measure_code,
        is_total,
        amount_printed,
        amount_unit,
        amount_scale,
        amount_yuan,
        source_locator,
        concat_ws(
            ' ',
            case when class_level is not null then class_code end,
            {{ remove_white_space(normalise_line_name('class_name_printed')) }},
            case when coalesce(side, '') = '' or measure_code <> 'amount' then '· ' || measure_printed end
        ) as subject,
        {{ half_last_digit('amount_yuan', 'amount_scale', 'amount_unit') }} as half_digit,
        row_number() over (
            partition by document_id, form_no, side, measure_code, class_code order by row_no nulls last
        ) as occurrence
    from {{ new_rows(ref('fct_budget_line')) }}
    where amount_yuan is not null and measure_code is not null
),

income_part as (
    select distinct
        line_code,
        line_kind,
        parent_code
    from {{ ref('income_line') }}
    where line_kind in ('source', 'balance')
),

-- Columns of a form, printed amounts or not.
form_column as (
    select distinct
        document_id,
        form_no,
        column_code
    from {{ new_rows(ref('stg_form_column')) }}
    where column_code is not null
),

with_unknown_column as (
    select distinct
        document_id,
        form_no
    from {{ new_rows(ref('qc_form_column_unknown')) }}
),

-- The printed class under which a class stands: the longest code that it extends, the nearest row above if that
-- repeats.
class_parent as (
    select
        child.fct_budget_line_key,
        parent.fct_budget_line_key as parent_key,
        row_number() over (
            partition by child.fct_budget_line_key
            order by
                length(parent.class_code) desc,
                case when parent.row_no < child.row_no then 0 else 1 end asc,
                abs(parent.row_no - child.row_no) asc
        ) as choice
    from line as child
    inner join line as parent
        on
            child.document_id = parent.document_id
            and child.form_no = parent.form_no
            and child.side = parent.side
            and child.measure_code = parent.measure_code
            and left(child.class_code, length(parent.class_code)) = parent.class_code
            and length(child.class_code) > length(parent.class_code)
    where child.class_level is not null and parent.class_level is not null
),

top_class as (
    select line.*
    from line
    left join class_parent on line.fct_budget_line_key = class_parent.fct_budget_line_key
    where line.class_level is not null and class_parent.parent_key is null
),

-- Two rows 合计 in one form are the totals of two bodies: their classes cannot be told apart by code.
class_total as (
    select
        document_id,
        form_no
    from line
    where class_code = 'total' and class_level is null and class_type <> 'item'
    group by document_id, form_no
    having count(distinct row_no) = 1
),

-- The total of a side: that of the year, or the grand total in forms that print no other.
side_total as (
    select
        total.fct_budget_line_key,
        total.document_id,
        total.form_no,
        total.side,
        total.measure_code,
        total.class_code like 'total_current%' as is_of_the_year,
        case when total.class_code like '%income' then 'income_line_total' else 'expenditure_line_total' end
            as finding_code
    from line as total
    left join line as of_the_year
        on
            total.document_id = of_the_year.document_id
            and total.form_no = of_the_year.form_no
            and total.side = of_the_year.side
            and total.measure_code = of_the_year.measure_code
            and replace(total.class_code, 'total_', 'total_current_') = of_the_year.class_code
    where
        total.class_code in (
            'total_current_income', 'total_current_expenditure', 'total_income', 'total_expenditure'
        )
        and total.occurrence = 1
        and of_the_year.fct_budget_line_key is null
        -- A form of one list may print the grand total above lines of another kind.
        and (total.side <> '' or total.class_code like 'total_current%')
),

-- Forms whose balance carried in is printed for all funds together.
carried_without_fund as (
    select
        document_id,
        form_no
    from line
    where
        class_code in (
            'carry_over_in', 'carry_over_in_general', 'carry_over_in_government_fund', 'carry_over_in_state_capital'
        )
    group by document_id, form_no
    having
        sum(case when class_code = 'carry_over_in' then abs(amount_yuan) else 0 end) > 0
        and sum(case when class_code = 'carry_over_in' then 0 else 1 end) = 0
),

part as (
    select
        'class_sum' as finding_code,
        class_parent.parent_key as total_key,
        line.*
    from class_parent
    inner join line on class_parent.fct_budget_line_key = line.fct_budget_line_key
    where class_parent.choice = 1
    union all
    select
        'class_total_sum' as finding_code,
        total.fct_budget_line_key as total_key,
        top_class.*
    from class_total
    inner join line as total
        on
            class_total.document_id = total.document_id
            and class_total.form_no = total.form_no
            and total.class_code = 'total'
    inner join top_class
        on
            total.document_id = top_class.document_id
            and total.form_no = top_class.form_no
            and total.measure_code = top_class.measure_code
    union all
    select
        total.finding_code,
        total.fct_budget_line_key as total_key,
        part.*
    from side_total as total
    inner join line as part
        on
            total.document_id = part.document_id
            and total.form_no = part.form_no
            and total.side = part.side
            and total.measure_code = part.measure_code
    where
        total.finding_code = 'expenditure_line_total'
        and (
            part.class_level is not null
            or part.class_code in ('operating', 'remit_superior', 'subsidy_affiliate', 'treasury_item')
            or (not total.is_of_the_year and part.class_code in ('carry_over_out', 'surplus_distribution'))
        )
    union all
    select
        total.finding_code,
        total.fct_budget_line_key as total_key,
        part.*
    from side_total as total
    inner join line as part
        on
            total.document_id = part.document_id
            and total.form_no = part.form_no
            and total.side = part.side
            and total.measure_code = part.measure_code
    inner join income_part as source on part.class_code = source.line_code
    -- A line whose own total is printed is counted there.
    left join line as above
        on
            part.document_id = above.document_id
            and part.form_no = above.form_no
            and part.side = above.side
            and part.measure_code = above.measure_code
            and source.parent_code = above.class_code
    where
        total.finding_code = 'income_line_total'
        and (source.line_kind = 'source' or not total.is_of_the_year)
        and above.fct_budget_line_key is null
    union all
    select
        line_rule.finding_code,
        total.fct_budget_line_key as total_key,
        part.*
    from line_rule
    inner join line as total on line_rule.total_code = total.class_code and total.occurrence = 1
    inner join line as part
        on
            total.document_id = part.document_id
            and total.form_no = part.form_no
            and total.side = part.side
            and total.measure_code = part.measure_code
            and line_rule.part_code = part.class_code
            and part.occurrence = 1
    where total.side in ('', line_rule.side)
    union all
    select
        column_rule.finding_code,
        total.fct_budget_line_key as total_key,
        part.*
    from column_rule
    inner join line as total on column_rule.total_code = total.measure_code
    inner join line as part
        on
            total.document_id = part.document_id
            and total.form_no = part.form_no
            and total.row_no = part.row_no
            and total.side = part.side
            and column_rule.part_code = part.measure_code
    inner join form_column as needed
        on
            total.document_id = needed.document_id
            and total.form_no = needed.form_no
            and column_rule.needs = needed.column_code
    left join form_column as forbidden
        on
            total.document_id = forbidden.document_id
            and total.form_no = forbidden.form_no
            and forbidden.column_code in (column_rule.unless, column_rule.unless_too)
    where forbidden.column_code is null
    union all
    -- What comes into a fund is what goes out of it, where its balance carried in is told from that of other funds.
    select
        'fund_balance' as finding_code,
        total.fct_budget_line_key as total_key,
        part.*
    from fund_rule
    inner join line as total
        on
            total.class_code = 'total_expenditure'
            and total.occurrence = 1
            and fund_rule.fund_code = total.measure_code
    inner join line as part
        on
            total.document_id = part.document_id
            and total.form_no = part.form_no
            and part.side = 'income'
            and part.class_code in (fund_rule.fund_code, fund_rule.carry_over_code)
    left join carried_without_fund as carried
        on total.document_id = carried.document_id and total.form_no = carried.form_no
    where carried.form_no is null
),

parts as (
    select
        part.finding_code,
        part.total_key,
        cast(sum(part.amount_yuan) as decimal(38, 2)) as b_yuan,
        cast(sum(part.half_digit) as decimal(38, 8)) as b_half_digit,
        max(part.amount_scale) as part_scale,
        {{ locator_span('part.source_locator', '1000 * part.row_no + part.column_no') }} as b_locator,
        max(case when line_rule.part_code is not null then 1 else 0 end) as has_required
    from part
    left join line_rule
        on
            part.finding_code = line_rule.finding_code
            and part.class_code = line_rule.part_code
            and line_rule.is_required = 'yes'
    group by part.finding_code, part.total_key
),

-- Both sides of a form: what comes in and what goes out.
both_sides as (
    select
        document_id,
        form_no,
        max(case when class_code = 'total_income' then fct_budget_line_key end) as income_key,
        max(case when class_code = 'total_expenditure' then fct_budget_line_key end) as expenditure_key,
        sum(case when class_code in ({{ incoming }}) then amount_yuan end) as incoming_yuan,
        sum(case when class_code in ({{ incoming }}) then half_digit end) as incoming_half_digit,
        max(case when class_code = 'total_current_income' then 1 else 0 end) as has_current_income,
        max(case when class_code = 'total_current_income' then source_locator end) as incoming_locator,
        max(case when class_code = 'total_current_expenditure' then fct_budget_line_key end) as outgoing_key,
        sum(case when class_code in ('carry_over_out', 'surplus_distribution') then 1 else 0 end) as has_year_end
    from line
    where occurrence = 1 and measure_code in ('amount', 'total')
    group by document_id, form_no
),

-- Balance carried in, income and expenditure of the year, in one row of the form of a fund.
year_balance as (
    select
        document_id,
        form_no,
        row_no,
        max(case when measure_code = 'carry_over_out' then fct_budget_line_key end) as balance_key,
        cast(
            sum(
                case
                    when measure_code in ('carry_over_in', 'current_income') then amount_yuan
                    when measure_code = 'current_expenditure' then -amount_yuan
                end
            ) as decimal(38, 2)
        ) as b_yuan,
        cast(
            sum(case when measure_code <> 'carry_over_out' then half_digit end) as decimal(38, 8)
        ) as b_half_digit,
        {{ locator_span('source_locator', 'column_no') }} as b_locator
    from line
    where measure_code in ('carry_over_in', 'current_income', 'current_expenditure', 'carry_over_out')
    group by document_id, form_no, row_no
),

compared as (
    select
        parts.finding_code,
        total.document_id,
        total.form_no,
        total.fct_budget_line_key as fact_key,
        total.subject,
        total.amount_printed as a_printed,
        total.amount_unit as a_unit,
        total.amount_scale as a_scale,
        total.amount_yuan as a_yuan,
        total.source_locator as a_locator,
        cast(null as string) as b_printed,
        greatest(total.amount_scale, parts.part_scale) as b_scale,
        parts.b_yuan,
        parts.b_half_digit,
        parts.b_locator,
        -- A column that nobody knows may be the missing part.
        with_unknown_column.form_no is null or parts.finding_code not like '%column_sum' as is_complete
    from parts
    inner join line as total on parts.total_key = total.fct_budget_line_key
    left join with_unknown_column
        on total.document_id = with_unknown_column.document_id and total.form_no = with_unknown_column.form_no
    where parts.finding_code <> 'total_with_carry_over' or parts.has_required = 1
    union all
    select
        'income_expenditure_total' as finding_code,
        income.document_id,
        income.form_no,
        income.fct_budget_line_key as fact_key,
        income.subject || ' / ' || expenditure.subject as subject,
        income.amount_printed as a_printed,
        income.amount_unit as a_unit,
        income.amount_scale as a_scale,
        income.amount_yuan as a_yuan,
        income.source_locator as a_locator,
        {{ printed_beside('expenditure.amount_printed', 'expenditure.amount_unit', 'income.amount_unit') }}
            as b_printed,
        expenditure.amount_scale as b_scale,
        expenditure.amount_yuan as b_yuan,
        expenditure.half_digit as b_half_digit,
        expenditure.source_locator as b_locator,
        true as is_complete
    from both_sides
    inner join line as income on both_sides.income_key = income.fct_budget_line_key
    inner join line as expenditure on both_sides.expenditure_key = expenditure.fct_budget_line_key
    union all
    select
        'current_year_balance' as finding_code,
        outgoing.document_id,
        outgoing.form_no,
        outgoing.fct_budget_line_key as fact_key,
        outgoing.subject,
        outgoing.amount_printed as a_printed,
        outgoing.amount_unit as a_unit,
        outgoing.amount_scale as a_scale,
        outgoing.amount_yuan as a_yuan,
        outgoing.source_locator as a_locator,
        cast(null as string) as b_printed,
        outgoing.amount_scale as b_scale,
        cast(both_sides.incoming_yuan as decimal(38, 2)) as b_yuan,
        cast(both_sides.incoming_half_digit as decimal(38, 8)) as b_half_digit,
        both_sides.incoming_locator as b_locator,
        true as is_complete
    from both_sides
    inner join line as outgoing on both_sides.outgoing_key = outgoing.fct_budget_line_key
    -- With a printed year-end balance the totals of both sides are what must agree.
    where both_sides.has_year_end = 0 and both_sides.has_current_income = 1
    union all
    select
        'fund_year_balance' as finding_code,
        total.document_id,
        total.form_no,
        total.fct_budget_line_key as fact_key,
        total.subject,
        total.amount_printed as a_printed,
        total.amount_unit as a_unit,
        total.amount_scale as a_scale,
        total.amount_yuan as a_yuan,
        total.source_locator as a_locator,
        cast(null as string) as b_printed,
        total.amount_scale as b_scale,
        year_balance.b_yuan,
        year_balance.b_half_digit,
        year_balance.b_locator,
        true as is_complete
    from year_balance
    inner join line as total on year_balance.balance_key = total.fct_budget_line_key
    where year_balance.b_yuan is not null
),

completed as (
    select
        *,
        'fct_budget_line' as fact_table,
        cast(null as string) as note
    from compared
),

in_unit as (
    select
        *,
        {{ amounts_in_unit() }}
    from completed
)

select {{ finding_of_numbers() }}
from in_unit
where a_number <> b_number
