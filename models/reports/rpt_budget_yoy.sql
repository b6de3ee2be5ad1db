-- Grain: one row a line and measure of a budget or final-account form and year, beside the year before.
-- Budget is compared with budget and final with final, in one scope. A line of the year before that the form of this
-- year no longer prints is a row as well. Where no document gives the year before, prose that states a change gives it.
{{ config(materialized='incremental', pre_hook='{{ delete_rows_of_changed_units() }}') }}

with line as (
    select * from {{ rows_of_changed_units(ref('rpt_budget_line')) }}
),

printed as (
    select distinct
        unit_key,
        report_scope,
        phase,
        form_code,
        fiscal_year
    from line
),

-- A form is declared empty by a note, or by printing its header without one figure.
form as (
    select
        form.unit_key,
        form.report_scope,
        form.phase,
        form.form_code,
        form.fiscal_year,
        min(form.form_kind) as form_kind,
        min(form.document_id) as document_id,
        min(form.source_locator) as source_locator,
        min(case when form.is_declared_empty or printed.unit_key is null then 1 else 0 end) = 1 as is_declared_empty
    from {{ rows_of_changed_units(ref('dim_form')) }} as form
    left join printed
        on
            form.unit_key = printed.unit_key
            and form.report_scope is not distinct from printed.report_scope
            and form.phase is not distinct from printed.phase
            and form.form_code = printed.form_code
            and form.fiscal_year = printed.fiscal_year
    where form.is_latest and form.fiscal_year is not null
    group by form.unit_key, form.report_scope, form.phase, form.form_code, form.fiscal_year
),

publication as (
    select distinct
        unit_key,
        report_scope,
        phase,
        fiscal_year
    from form
),

other_scope as (
    select distinct
        form.unit_key,
        form.phase,
        form.form_code,
        form.fiscal_year,
        scope.report_scope
    from form
    inner join publication as scope
        on
            form.unit_key = scope.unit_key
            and form.phase = scope.phase
            and form.report_scope is distinct from scope.report_scope
),

-- What prose says of the change on the year before, where it says one thing only.
told as (
    select
        change.unit_key,
        change.report_scope,
        change.phase,
        change.figure_year,
        change.form_code,
        change.side,
        change.class_key,
        change.measure_key,
        case when count(distinct change.delta_yuan) = 1 then min(change.delta_yuan) end as delta_yuan,
        max(case when change.says_not_comparable then 1 else 0 end) = 1 as says_not_comparable,
        min(change.document_id) as document_id,
        min(change.source_locator) as source_locator
    from {{ rows_of_changed_units(ref('fct_narrative_change')) }} as change
    inner join {{ ref('dim_document') }} as document
        on change.document_id = document.document_id and document.is_current
    where change.compared_with_year = change.figure_year - 1
    group by
        change.unit_key, change.report_scope, change.phase, change.figure_year,
        change.form_code, change.side, change.class_key, change.measure_key
),

-- Every line in every year that prints it, and in the year after.
spine as (
    select
        line_key,
        fiscal_year
    from line
    union
    select
        line_key,
        fiscal_year + 1 as fiscal_year
    from line
),

pair as (
    select
        spine.line_key,
        coalesce(line.unit_key, earlier.unit_key) as unit_key,
        coalesce(line.unit_name, earlier.unit_name) as unit_name,
        coalesce(line.region_code, earlier.region_code) as region_code,
        coalesce(line.sector, earlier.sector) as sector,
        coalesce(line.report_scope, earlier.report_scope) as report_scope,
        coalesce(line.phase, earlier.phase) as phase,
        coalesce(line.form_code, earlier.form_code) as form_code,
        coalesce(line.side, earlier.side) as side,
        coalesce(line.class_type, earlier.class_type) as class_type,
        case when line.line_key is null then earlier.class_code else line.class_code end as class_code,
        case when line.line_key is null then earlier.class_name else line.class_name end as class_name,
        coalesce(line.class_group_printed, earlier.class_group_printed) as class_group_printed,
        coalesce(line.concept_id, earlier.concept_id) as concept_id,
        coalesce(line.class_key, earlier.class_key) as class_key,
        coalesce(line.class_level, earlier.class_level) as class_level,
        case when line.line_key is null then earlier.measure_code else line.measure_code end as measure_code,
        coalesce(line.measure_key, earlier.measure_key) as measure_key,
        coalesce(line.occurrence_no, earlier.occurrence_no) as occurrence_no,
        coalesce(line.is_total, earlier.is_total) as is_total,
        coalesce(line.is_leaf, earlier.is_leaf) as is_leaf,
        spine.fiscal_year,
        line.fact_key,
        line.amount_printed,
        line.amount_unit,
        line.amount_yuan,
        line.document_id,
        line.source_locator,
        line.class_name_printed,
        coalesce(line.is_class_observed_only, earlier.is_class_observed_only) as is_class_observed_only,
        line.line_key is not null as is_in_year,
        earlier.line_key is not null as is_in_prior_year,
        earlier.class_code as prior_class_code,
        earlier.class_name_printed as prior_class_name_printed,
        earlier.amount_printed as prior_amount_printed,
        earlier.amount_unit as prior_amount_unit,
        earlier.amount_yuan as prior_amount_yuan,
        earlier.document_id as prior_document_id,
        earlier.source_locator as prior_source_locator
    from spine
    left join line
        on spine.line_key = line.line_key and spine.fiscal_year = line.fiscal_year
    left join line as earlier
        on spine.line_key = earlier.line_key and spine.fiscal_year = earlier.fiscal_year + 1
    union all
    -- A form declared empty has no line; it is one row, zero by declaration.
    select
        {{ surrogate_key(['form.unit_key', 'form.report_scope', 'form.phase', 'form.form_code', "'declared empty'"]) }}
            as line_key,
        form.unit_key,
        unit.unit_name,
        unit.region_code,
        unit.sector,
        form.report_scope,
        form.phase,
        form.form_code,
        cast(null as string) as side,
        cast(null as string) as class_type,
        cast(null as string) as class_code,
        cast(null as string) as class_name,
        cast(null as string) as class_group_printed,
        cast(null as string) as concept_id,
        'total' as class_key,
        cast(null as integer) as class_level,
        cast(null as string) as measure_code,
        'total' as measure_key,
        1 as occurrence_no,
        true as is_total,
        false as is_leaf,
        form.fiscal_year,
        cast(null as string) as fact_key,
        cast(null as string) as amount_printed,
        cast(null as string) as amount_unit,
        cast(null as decimal(20, 2)) as amount_yuan,
        form.document_id,
        form.source_locator,
        cast(null as string) as class_name_printed,
        false as is_class_observed_only,
        false as is_in_year,
        false as is_in_prior_year,
        cast(null as string) as prior_class_code,
        cast(null as string) as prior_class_name_printed,
        cast(null as string) as prior_amount_printed,
        cast(null as string) as prior_amount_unit,
        cast(null as decimal(20, 2)) as prior_amount_yuan,
        cast(null as string) as prior_document_id,
        cast(null as string) as prior_source_locator
    from form
    inner join {{ ref('dim_unit') }} as unit on form.unit_key = unit.unit_key
    where form.is_declared_empty and form.form_kind = 'budget_grid'
),

judged as (
    select
        pair.*,
        reform.reason_code as reform_reason,
        class_break.reason_code as class_reason,
        own_form.is_declared_empty as is_form_declared_empty,
        prior_form.is_declared_empty as is_prior_form_declared_empty,
        told.delta_yuan as told_delta_yuan,
        told.document_id as told_document_id,
        told.source_locator as told_locator,
        prior_form.form_code is not null as is_prior_form_published,
        prior_publication.unit_key is not null as is_prior_year_published,
        other_scope.unit_key is not null as is_prior_in_other_scope,
        coalesce(told.says_not_comparable, false) as says_not_comparable
    from pair
    -- A line that is gone says so only if its form was published at all.
    left join form as own_form
        on
            pair.unit_key = own_form.unit_key
            and pair.report_scope is not distinct from own_form.report_scope
            and pair.phase is not distinct from own_form.phase
            and pair.form_code = own_form.form_code
            and pair.fiscal_year = own_form.fiscal_year
    left join form as prior_form
        on
            pair.unit_key = prior_form.unit_key
            and pair.report_scope is not distinct from prior_form.report_scope
            and pair.phase is not distinct from prior_form.phase
            and pair.form_code = prior_form.form_code
            and pair.fiscal_year = prior_form.fiscal_year + 1
    left join publication as prior_publication
        on
            pair.unit_key = prior_publication.unit_key
            and pair.report_scope is not distinct from prior_publication.report_scope
            and pair.phase is not distinct from prior_publication.phase
            and pair.fiscal_year = prior_publication.fiscal_year + 1
    left join other_scope
        on
            pair.unit_key = other_scope.unit_key
            and pair.report_scope = other_scope.report_scope
            and pair.phase = other_scope.phase
            and pair.form_code = other_scope.form_code
            and pair.fiscal_year = other_scope.fiscal_year + 1
    left join {{ ref('dim_class_break') }} as reform
        on
            pair.class_type = reform.class_type
            and pair.concept_id is not null
            and pair.fiscal_year = reform.change_year
            and reform.class_code = '*'
    left join {{ ref('dim_class_break') }} as class_break
        on
            case pair.class_type when 'item' then 'function' else pair.class_type end = class_break.class_type
            and pair.class_code = class_break.class_code
            and pair.fiscal_year = class_break.change_year
    left join told
        on
            pair.unit_key = told.unit_key
            and pair.report_scope is not distinct from told.report_scope
            and pair.phase = told.phase
            and pair.form_code = told.form_code
            and coalesce(pair.side, '') = coalesce(told.side, '')
            and pair.class_key = told.class_key
            and pair.measure_key = told.measure_key
            and pair.fiscal_year = told.figure_year
    where pair.is_in_year or own_form.form_code is not null
),

reasoned as (
    select
        *,
        case
            when not is_in_prior_year and not is_prior_form_published and told_delta_yuan is not null then 'narrative'
            when is_in_prior_year then 'table'
            when is_prior_form_declared_empty then 'declared_empty'
        end as prior_source,
        case
            when report_scope is null then 'scope_unknown'
            when (is_in_prior_year or is_prior_form_published) and reform_reason is not null then reform_reason
            when says_not_comparable and (is_in_prior_year or told_delta_yuan is not null)
                then 'document_says_not_comparable'
            when class_reason is not null and (is_in_prior_year or is_prior_form_published) then class_reason
            when
                is_in_year and is_in_prior_year and is_class_observed_only
                and {{ normalise_line_name('class_name_printed') }}
                <> {{ normalise_line_name('prior_class_name_printed') }}
                then 'class_name_differs'
            when
                is_in_year and is_in_prior_year
                and (
                    (amount_yuan is null and amount_printed is not null and amount_unit is null)
                    or (prior_amount_yuan is null and prior_amount_printed is not null and prior_amount_unit is null)
                )
                then 'unit_of_account_unknown'
            when
                not is_in_prior_year and not is_prior_form_published and told_delta_yuan is null
                and is_prior_in_other_scope
                then 'scope_differs'
        end as break_of_series,
        case
            when is_form_declared_empty and is_prior_form_declared_empty then null
            when not is_in_year and is_form_declared_empty then 'form_declared_empty'
            when not is_in_year then 'not_in_form'
            when amount_yuan is null then 'amount_not_a_number'
            when is_in_prior_year and prior_amount_yuan is null then 'prior_amount_not_a_number'
            when is_in_prior_year or told_delta_yuan is not null and not is_prior_form_published then null
            when is_prior_form_declared_empty then null
            when is_prior_form_published then 'not_in_prior_form'
            when is_prior_year_published then 'prior_form_not_published'
            else 'prior_year_not_published'
        end as missing_reason
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
            when break_of_series is not null then 'break'
            when missing_reason is not null then 'missing'
            when prior_source = 'declared_empty' then 'zero_base'
            when
                case when prior_source = 'narrative' then amount_yuan - told_delta_yuan else prior_amount_yuan end = 0
                then 'zero_base'
            else 'comparable'
        end as comparability
    from reasoned
)

select
    {{ surrogate_key(['line_key', 'fiscal_year']) }} as rpt_budget_yoy_key,
    line_key,
    unit_key,
    unit_name,
    region_code,
    sector,
    report_scope,
    phase,
    form_code,
    side,
    class_type,
    class_code,
    class_name,
    class_name_printed,
    class_group_printed,
    concept_id,
    class_level,
    measure_code,
    measure_key,
    occurrence_no,
    is_total,
    is_leaf,
    fiscal_year,
    amount_yuan,
    amount_printed,
    amount_unit,
    fiscal_year - 1 as prior_year,
    prior_yuan as prior_amount_yuan,
    case when prior_source = 'table' then prior_amount_printed end as prior_amount_printed,
    case when prior_source = 'table' then prior_amount_unit end as prior_amount_unit,
    prior_class_code,
    prior_class_name_printed,
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
    fact_key,
    document_id,
    source_locator,
    case when prior_source = 'narrative' then told_document_id else prior_document_id end as prior_document_id,
    case when prior_source = 'narrative' then told_locator else prior_source_locator end as prior_source_locator
from compared
-- Rows of a unit lie together: what is asked about one unit reads a part of the table.
order by unit_key, fiscal_year
