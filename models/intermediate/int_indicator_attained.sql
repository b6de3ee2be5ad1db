-- Grain: one row per indicator row; whether a self-evaluated one met its target by its printed values.
-- Conservative: what is not plainly one kind of quantity on both sides is not_comparable, whatever score is printed.
{{ config(materialized='incremental') }}

with compared as (
    select
        indicator.document_id,
        indicator.form_no,
        indicator.indicator_no,
        indicator.stage,
        parsed_target.target_kind,
        parsed_target.comparator,
        parsed_target.target_value,
        parsed_target.target_value_high,
        parsed_target.target_unit,
        parsed_target.target_value_yuan,
        parsed_target.target_date,
        parsed_target.direction,
        parsed_actual.actual_kind,
        parsed_actual.actual_comparator,
        parsed_actual.actual_value,
        parsed_actual.actual_unit,
        parsed_actual.actual_value_yuan,
        parsed_actual.actual_date,
        {{ remove_white_space('coalesce(indicator.level3_printed, indicator.description_printed)') }} as indicator_name,
        -- The one unit where only one side prints it, and the number that lacks it.
        coalesce(parsed_target.target_unit, parsed_actual.actual_unit) as any_unit,
        case
            when parsed_target.target_unit is null then parsed_target.target_value else parsed_actual.actual_value
        end as bare_value,
        {{ normalise_printed('indicator.target_printed') }}
        = {{ normalise_printed('indicator.actual_printed') }} as is_same_text
    from {{ new_rows(ref('stg_project_indicator')) }} as indicator
    inner join {{ ref('int_indicator_target_parsed') }} as parsed_target
        on
            indicator.document_id = parsed_target.document_id
            and indicator.form_no = parsed_target.form_no
            and indicator.indicator_no = parsed_target.indicator_no
    inner join {{ ref('int_indicator_actual_parsed') }} as parsed_actual
        on
            indicator.document_id = parsed_actual.document_id
            and indicator.form_no = parsed_actual.form_no
            and indicator.indicator_no = parsed_actual.indicator_no
),

scaled as (
    select
        *,
        case
            when target_kind not in ('number', 'range') or actual_kind <> 'number' then null
            when target_value_yuan is not null and actual_value_yuan is not null then 'money'
            when target_unit = actual_unit then 'same_unit'
            when target_unit is null and actual_unit is null then 'no_unit'
            when target_unit is not null and actual_unit is not null then null
            -- Nothing is nothing in every unit; but beside % only what is a rate can be measured by it.
            when
                actual_value = 0
                and actual_unit is null
                and (target_unit <> '%' or {{ is_rate_name('indicator_name') }})
                then 'zero'
            -- A bare 68 beside 68人 counts the same things; beside 68万人, 元 or 小时 it need not.
            when
                {{ rx_matches('any_unit', '^(?:' ~ counting_words() ~ ')$') }}
                and any_unit not like '万%'
                then 'bare_count'
            -- A bare 98 of a rate is 98%; a bare 1 could be 1% or a whole. Only where high is good: beside 失联率 ≤5
            -- documents print 100% for "fully attained".
            when
                any_unit = '%'
                and direction = 'higher'
                and bare_value > 1
                and bare_value <= 100
                and {{ is_rate_name('indicator_name') }}
                then 'percent_by_name'
        end as common_scale,
        case
            when target_value_yuan is not null and actual_value_yuan is not null then target_value_yuan
            else target_value
        end as wanted,
        case
            when target_value_yuan is not null and actual_value_yuan is not null then actual_value_yuan
            else actual_value
        end as reached
    from compared
),

decided as (
    select
        *,
        case
            when stage <> 'self_evaluation' then null
            when actual_kind = 'blank' then 'actual_blank'
            when target_kind = 'blank' then 'target_blank'
            when is_same_text and target_kind not in ('number', 'range', 'date') then 'same_text'
            when target_kind = 'date' and actual_kind = 'date'
                then case
                    when target_date is null or actual_date is null then 'date_without_day'
                    when
                        comparator in ('<=', '<', '=', 'implicit_eq') and actual_comparator in ('=', 'implicit_eq')
                        then 'date'
                    else 'date_comparator'
                end
            when target_kind not in ('number', 'range') then 'target_not_measurable'
            when actual_kind <> 'number' then 'actual_not_measurable'
            when common_scale is null then 'units_differ'
            when comparator = 'approx' or actual_comparator = 'approx' then 'approximate'
            else common_scale
        end as attainment_basis
    from scaled
),

judged as (
    select
        *,
        case
            when attainment_basis is null then null
            when attainment_basis = 'same_text' then 'met'
            when attainment_basis = 'date'
                then case
                    when actual_date < target_date or (actual_date = target_date and comparator <> '<') then 'met'
                    else 'not_met'
                end
            when attainment_basis = common_scale
                then case
                    when actual_comparator in ('=', 'implicit_eq')
                        then case
                            when comparator = '>=' and reached >= wanted then 'met'
                            when comparator = '>' and reached > wanted then 'met'
                            when comparator = '<=' and reached <= wanted then 'met'
                            when comparator = '<' and reached < wanted then 'met'
                            when comparator = 'range' and reached between wanted and target_value_high then 'met'
                            when comparator in ('=', 'implicit_eq') and reached = wanted then 'met'
                            -- Missing a bare target is bad only if its name tells the direction.
                            when comparator = 'implicit_eq' and direction = 'higher' and reached > wanted then 'met'
                            when comparator = 'implicit_eq' and direction = 'lower' and reached < wanted then 'met'
                            when comparator = 'implicit_eq' and direction not in ('higher', 'lower')
                                then 'not_comparable'
                            else 'not_met'
                        end
                    -- An actual value that is itself a bound (≥20%) can only prove that the target is met.
                    when
                        comparator in ('>=', '>')
                        and actual_comparator in ('>=', '>')
                        and (reached > wanted or (reached = wanted and (actual_comparator = '>' or comparator = '>=')))
                        then 'met'
                    when
                        comparator in ('<=', '<')
                        and actual_comparator in ('<=', '<')
                        and (reached < wanted or (reached = wanted and (actual_comparator = '<' or comparator = '<=')))
                        then 'met'
                    else 'not_comparable'
                end
            else 'not_comparable'
        end as attainment
    from decided
)

select
    document_id,
    form_no,
    indicator_no,
    attainment,
    case
        when attainment = 'not_comparable' and attainment_basis = common_scale
            then case when actual_comparator in ('=', 'implicit_eq') then 'no_direction' else 'actual_is_bound' end
        else attainment_basis
    end as attainment_basis
from judged
