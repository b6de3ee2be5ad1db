-- Grain: one row a finding on a three-public form.
-- Components, funds, and the economic class that is part of an item (identities I8, I10).

{% set item_rules = [
    ('total', 'overseas'),
    ('total', 'vehicle'),
    ('total', 'vehicle_purchase'),
    ('total', 'vehicle_operation'),
    ('total', 'reception'),
    ('vehicle', 'vehicle_purchase'),
    ('vehicle', 'vehicle_operation'),
    ('overseas', 'overseas_research'),
    ('overseas', 'overseas_other'),
    ('total_with_meeting_training', 'total'),
    ('total_with_meeting_training', 'meeting'),
    ('total_with_meeting_training', 'training'),
] %}
{% set class_rules = [
    ('overseas', '30212'),
    ('reception', '30217'),
    ('vehicle_operation', '30231'),
] %}

with item_rule as (
    select * from {{ rule_rows(['total_code', 'part_code'], item_rules) }}
),

class_rule as (
    select * from {{ rule_rows(['item_code', 'class_code'], class_rules) }}
),

item as (
    select
        *,
        {{ half_last_digit('amount_yuan', 'amount_scale', 'amount_unit') }} as half_digit,
        row_number() over (
            partition by document_id, form_no, item_code, fund_code, measure_printed order by row_no nulls last
        ) as occurrence
    from {{ new_rows(ref('fct_three_public_expense')) }}
    where amount_yuan is not null and item_code is not null
),

part as (
    select
        'three_public_sum' as finding_code,
        total.fct_three_public_expense_key as total_key,
        part.*
    from item_rule
    inner join item as total on item_rule.total_code = total.item_code
    inner join item as part
        on
            item_rule.part_code = part.item_code
            and total.document_id = part.document_id
            and total.form_no = part.form_no
            and total.fund_code = part.fund_code
            and total.fiscal_year = part.fiscal_year
            and total.phase = part.phase
            -- One row an item, or one row with a column an item.
            and (total.column_no = part.column_no or total.row_no = part.row_no)
    left join item as three_public
        on
            total.document_id = three_public.document_id
            and total.form_no = three_public.form_no
            and total.fund_code = three_public.fund_code
            and total.fiscal_year = three_public.fiscal_year
            and total.phase = three_public.phase
            and three_public.item_code = 'total'
            and three_public.occurrence = 1
    left join item as vehicle
        on
            total.document_id = vehicle.document_id
            and total.form_no = vehicle.form_no
            and total.fund_code = vehicle.fund_code
            and total.fiscal_year = vehicle.fiscal_year
            and total.phase = vehicle.phase
            and vehicle.item_code = 'vehicle'
            and vehicle.occurrence = 1
    where
        total.occurrence = 1
        and part.occurrence = 1
        -- Without the total of the three the sum of all five has no complete list.
        and (total.item_code <> 'total_with_meeting_training' or three_public.item_code is not null)
        -- Purchase and operation are parts of the total only where no vehicle line adds them up.
        and (
            total.item_code <> 'total'
            or part.item_code not in ('vehicle_purchase', 'vehicle_operation')
            or vehicle.item_code is null
        )
    union all
    select
        'three_public_fund_sum' as finding_code,
        total.fct_three_public_expense_key as total_key,
        part.*
    from item as total
    inner join item as part
        on
            total.document_id = part.document_id
            and total.form_no = part.form_no
            and total.row_no = part.row_no
    where total.fund_code = 'total' and part.fund_code in ('general', 'government_fund', 'state_capital')
),

parts as (
    select
        finding_code,
        total_key,
        cast(sum(amount_yuan) as decimal(38, 2)) as b_yuan,
        cast(sum(half_digit) as decimal(38, 8)) as b_half_digit,
        max(amount_scale) as b_scale,
        {{ locator_span('source_locator', '1000 * row_no + column_no') }} as b_locator
    from part
    group by finding_code, total_key
),

economic_line as (
    select
        line.*,
        class_rule.item_code
    from {{ new_rows(ref('fct_budget_line')) }} as line
    inner join class_rule on line.class_code = class_rule.class_code
    where
        line.class_type = 'economic_department'
        and line.measure_code in ('total', 'amount')
        and line.amount_yuan is not null
),

compared as (
    select
        parts.finding_code,
        item.document_id,
        item.form_no,
        item.fct_three_public_expense_key as fact_key,
        concat({{ normalise_line_name('item.item_printed') }}, ' · ', item.measure_printed) as subject,
        item.amount_printed as a_printed,
        item.amount_unit as a_unit,
        item.amount_scale as a_scale,
        item.amount_yuan as a_yuan,
        item.source_locator as a_locator,
        cast(null as string) as b_printed,
        greatest(item.amount_scale, parts.b_scale) as b_scale,
        parts.b_yuan,
        parts.b_half_digit,
        parts.b_locator
    from parts
    inner join item on parts.total_key = item.fct_three_public_expense_key
    union all
    -- The class of the basic expenditure is a part of the item (the rest is paid from projects): it cannot be larger.
    select
        'three_public_below_class' as finding_code,
        item.document_id,
        item.form_no,
        item.fct_three_public_expense_key as fact_key,
        concat(
            {{ normalise_line_name('item.item_printed') }}, ' / ', line.class_code, ' ',
            {{ normalise_line_name('line.class_name_printed') }}
        ) as subject,
        item.amount_printed as a_printed,
        item.amount_unit as a_unit,
        item.amount_scale as a_scale,
        item.amount_yuan as a_yuan,
        item.source_locator as a_locator,
        {{ printed_beside('line.amount_printed', 'line.amount_unit', 'item.amount_unit') }} as b_printed,
        line.amount_scale as b_scale,
        line.amount_yuan as b_yuan,
        {{ half_last_digit('line.amount_yuan', 'line.amount_scale', 'line.amount_unit') }} as b_half_digit,
        line.source_locator as b_locator
    from item
    inner join economic_line as line
        on
            item.document_id = line.document_id
            and item.unit_key = line.unit_key
            and item.phase = line.phase
            and item.fiscal_year = line.fiscal_year
            and item.item_code = line.item_code
    -- The item of all funds is no less than that of the general budget: it is compared where that is not printed.
    left join item as general
        on
            item.document_id = general.document_id
            and item.form_no = general.form_no
            and item.row_no = general.row_no
            and item.fund_code = 'total'
            and general.fund_code = 'general'
    where
        item.fund_code in ('general', 'total')
        and general.fct_three_public_expense_key is null
        and item.occurrence = 1
        and item.amount_yuan < line.amount_yuan
),

completed as (
    select
        *,
        'fct_three_public_expense' as fact_table,
        cast(null as string) as note,
        true as is_complete
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
