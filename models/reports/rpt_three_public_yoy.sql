-- Grain: one row an item, fund and phase of the three-public expenses and year, beside the year before.
-- Items that only the year before prints are rows as well. Where no document gives the year before, prose may.

with expense as (
    select * from {{ ref('rpt_three_public') }}
),

publication as (
    select
        unit_key,
        report_scope,
        phase,
        fiscal_year,
        min(caliber) as caliber,
        count(*) as item_count
    from expense
    group by unit_key, report_scope, phase, fiscal_year
),

-- A form declared empty has no items: zero by declaration.
empty_form as (
    select distinct
        unit_key,
        report_scope,
        phase,
        fiscal_year
    from {{ ref('dim_form') }}
    where is_latest and is_declared_empty and form_code in ('B_3P', 'F_3P')
),

told as (
    select
        figure.unit_key,
        figure.report_scope,
        figure.phase,
        figure.figure_year,
        replace(figure.metric_code, 'three_public_', '') as item_code,
        min(figure.delta_yuan) as delta_yuan,
        min(figure.document_id) as document_id,
        min(figure.source_locator) as source_locator
    from {{ ref('fct_narrative_figure') }} as figure
    inner join {{ ref('dim_document') }} as document
        on figure.document_id = document.document_id and document.is_current
    where
        {{ rx_matches('figure.metric_code', '^three_public_') }}
        and figure.delta_yuan is not null
        and figure.compared_with_year = figure.figure_year - 1
        and not coalesce({{ rx_matches('figure.quote', '执行数') }}, false)
    group by
        figure.unit_key, figure.report_scope, figure.phase, figure.figure_year,
        replace(figure.metric_code, 'three_public_', '')
    having count(distinct figure.delta_yuan) = 1
),

-- Every item in every year that prints it, and in the year after.
spine as (
    select
        line_key,
        fiscal_year
    from expense
    union
    select
        line_key,
        fiscal_year + 1 as fiscal_year
    from expense
),

pair as (
    select
        spine.line_key,
        spine.fiscal_year,
        expense.amount_printed,
        expense.amount_unit,
        expense.amount_yuan,
        expense.document_id,
        expense.source_locator,
        earlier.amount_printed as prior_amount_printed,
        earlier.amount_unit as prior_amount_unit,
        earlier.amount_yuan as prior_amount_yuan,
        earlier.document_id as prior_document_id,
        earlier.source_locator as prior_source_locator,
        coalesce(expense.unit_key, earlier.unit_key) as unit_key,
        coalesce(expense.unit_name, earlier.unit_name) as unit_name,
        coalesce(expense.region_code, earlier.region_code) as region_code,
        coalesce(expense.sector, earlier.sector) as sector,
        coalesce(expense.report_scope, earlier.report_scope) as report_scope,
        coalesce(expense.phase, earlier.phase) as phase,
        coalesce(expense.item_code, earlier.item_code) as item_code,
        coalesce(expense.item_printed, earlier.item_printed) as item_printed,
        coalesce(expense.fund_code, earlier.fund_code) as fund_code,
        expense.line_key is not null as is_in_year,
        earlier.line_key is not null as is_in_prior_year
    from spine
    left join expense
        on spine.line_key = expense.line_key and spine.fiscal_year = expense.fiscal_year
    left join expense as earlier
        on spine.line_key = earlier.line_key and spine.fiscal_year = earlier.fiscal_year + 1
),

judged as (
    select
        pair.*,
        told.delta_yuan as told_delta_yuan,
        told.document_id as told_document_id,
        told.source_locator as told_locator,
        earlier.unit_key is not null as is_prior_published,
        empty_form.unit_key is not null as is_prior_declared_empty,
        other.unit_key is not null as is_prior_in_other_scope,
        own.caliber <> earlier.caliber as has_other_caliber
    from pair
    left join publication as own
        on
            pair.unit_key = own.unit_key
            and pair.report_scope is not distinct from own.report_scope
            and pair.phase is not distinct from own.phase
            and pair.fiscal_year = own.fiscal_year
    left join publication as earlier
        on
            pair.unit_key = earlier.unit_key
            and pair.report_scope is not distinct from earlier.report_scope
            and pair.phase is not distinct from earlier.phase
            and pair.fiscal_year = earlier.fiscal_year + 1
    left join empty_form
        on
            pair.unit_key = empty_form.unit_key
            and pair.report_scope is not distinct from empty_form.report_scope
            and pair.phase is not distinct from empty_form.phase
            and pair.fiscal_year = empty_form.fiscal_year + 1
    left join publication as other
        on
            pair.unit_key = other.unit_key
            and pair.phase = other.phase
            and pair.fiscal_year = other.fiscal_year + 1
            and case pair.report_scope when 'unit' then 'department' else 'unit' end = other.report_scope
    left join told
        on
            pair.unit_key = told.unit_key
            and pair.report_scope is not distinct from told.report_scope
            and pair.phase = told.phase
            and pair.item_code = told.item_code
            and pair.fiscal_year = told.figure_year
            -- Prose speaks of all funds together, or of the only one printed.
            and pair.fund_code in ('total', 'general')
    where pair.is_in_year or own.unit_key is not null
),

reasoned as (
    select
        *,
        case
            when is_in_prior_year then 'table'
            when is_prior_published then null
            when told_delta_yuan is not null and amount_yuan is not null then 'narrative'
            when is_prior_declared_empty then 'declared_empty'
        end as prior_source,
        case
            when report_scope is null then 'scope_unknown'
            when has_other_caliber then 'three_public_caliber'
            when
                not is_in_prior_year and not is_prior_published and told_delta_yuan is null
                and is_prior_in_other_scope
                then 'scope_differs'
        end as break_of_series
    from judged
),

compared as (
    select
        *,
        case
            when prior_source = 'narrative' then cast(amount_yuan - told_delta_yuan as decimal(20, 2))
            else prior_amount_yuan
        end as prior_yuan,
        case
            when break_of_series is not null then null
            when not is_in_year then 'not_in_form'
            when amount_yuan is null then 'amount_not_a_number'
            when is_in_prior_year and prior_amount_yuan is null then 'prior_amount_not_a_number'
            when prior_source is null and is_prior_published then 'not_in_prior_form'
            when prior_source is null then 'prior_year_not_published'
        end as missing_reason
    from reasoned
),

named as (
    select
        *,
        case
            when break_of_series is not null then 'break'
            when missing_reason is not null then 'missing'
            when prior_source = 'declared_empty' or prior_yuan = 0 then 'zero_base'
            else 'comparable'
        end as comparability
    from compared
)

select
    {{ surrogate_key(['line_key', 'fiscal_year']) }} as rpt_three_public_yoy_key,
    line_key,
    unit_key,
    unit_name,
    region_code,
    sector,
    report_scope,
    phase,
    item_code,
    item_printed,
    fund_code,
    fiscal_year,
    amount_yuan,
    amount_printed,
    amount_unit,
    fiscal_year - 1 as prior_year,
    prior_yuan as prior_amount_yuan,
    prior_amount_printed,
    prior_amount_unit,
    {{ change_yuan('amount_yuan', 'prior_yuan', 'comparability') }} as change_yuan,
    {{ change_pct('amount_yuan', 'prior_yuan', 'comparability') }} as change_pct,
    comparability,
    case
        when comparability = 'break' then break_of_series
        when comparability = 'missing' then missing_reason
        when comparability = 'zero_base' and prior_source = 'declared_empty' then 'prior_form_declared_empty'
        when comparability = 'zero_base' then 'prior_amount_zero'
    end as break_reason,
    prior_source,
    document_id,
    source_locator,
    case when prior_source = 'narrative' then told_document_id else prior_document_id end as prior_document_id,
    case when prior_source = 'narrative' then told_locator else prior_source_locator end as prior_source_locator
from named
