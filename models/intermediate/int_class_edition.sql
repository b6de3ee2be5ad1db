-- Grain: one row a class code of one span of editions: the reviewed lists, and what documents print beyond them.
-- A code printed in a year that no list row covers gets a row from the documents, so every printed code has a name.

with listed as (
    select
        'function' as class_type,
        class_code,
        class_name,
        class_level,
        parent_code,
        edition_from,
        edition_to,
        concept_id,
        confidence,
        source,
        {{ normalise_printed('class_name') }} as class_name_normalised
    from {{ ref('function_class') }}
    union all
    select
        class_type,
        class_code,
        class_name,
        class_level,
        parent_code,
        edition_from,
        edition_to,
        concept_id,
        confidence,
        source,
        {{ normalise_printed('class_name') }} as class_name_normalised
    from {{ ref('economic_class') }}
),

observed as (
    select *
    from {{ ref('int_class_observed') }}
    where fiscal_year is not null
),

-- Names of the years that no list row of the code covers. Segment: the list row before, so no span reaches over one.
gap as (
    select
        observed.class_type,
        observed.class_code,
        observed.fiscal_year,
        observed.document_id,
        observed.class_name_printed,
        observed.class_name_normalised,
        coalesce(max(case when listed.edition_to < observed.fiscal_year then listed.edition_to end), 0) as segment
    from observed
    left join listed
        on observed.class_type = listed.class_type and observed.class_code = listed.class_code
    group by
        observed.class_type, observed.class_code, observed.fiscal_year, observed.document_id,
        observed.class_name_printed, observed.class_name_normalised
    having
        max(
            case
                when
                    observed.fiscal_year
                    between coalesce(listed.edition_from, 0) and coalesce(listed.edition_to, 9999)
                    and listed.class_code is not null
                    then 1
                else 0
            end
        ) = 0
),

year_name as (
    select
        class_type,
        class_code,
        fiscal_year,
        segment,
        coalesce(class_name_normalised, '') as class_name_normalised,
        row_number() over (
            partition by class_type, class_code, fiscal_year
            order by
                case when class_name_normalised is null then 1 else 0 end, count(distinct document_id) desc,
                class_name_normalised
        ) as choice
    from gap
    group by class_type, class_code, fiscal_year, segment, class_name_normalised
),

-- Consecutive years of one name are one span.
year_started as (
    select
        *,
        case
            when
                class_name_normalised = lag(class_name_normalised) over (
                    partition by class_type, class_code, segment order by fiscal_year nulls last
                )
                then 0
            else 1
        end as is_start
    from year_name
    where choice = 1
),

year_spanned as (
    select
        *,
        sum(is_start) over (partition by class_type, class_code, segment order by fiscal_year nulls last) as span_no
    from year_started
),

span as (
    select
        class_type,
        class_code,
        segment,
        span_no,
        class_name_normalised,
        min(fiscal_year) as edition_from,
        max(fiscal_year) as edition_to
    from year_spanned
    group by class_type, class_code, segment, span_no, class_name_normalised
),

-- The spelling that most documents print.
spelling as (
    select
        span.class_type,
        span.class_code,
        span.edition_from,
        gap.class_name_printed,
        row_number() over (
            partition by span.class_type, span.class_code, span.edition_from
            order by count(distinct gap.document_id) desc, gap.class_name_printed nulls last
        ) as choice
    from span
    inner join gap
        on
            span.class_type = gap.class_type
            and span.class_code = gap.class_code
            and gap.fiscal_year between span.edition_from and span.edition_to
            and span.class_name_normalised = coalesce(gap.class_name_normalised, '')
    group by span.class_type, span.class_code, span.edition_from, gap.class_name_printed
),

meaning as (
    select
        class_type,
        class_code,
        count(distinct class_name_normalised) as name_count
    from (
        select
            class_type,
            class_code,
            class_name_normalised
        from listed
        union all
        select
            class_type,
            class_code,
            class_name_normalised
        from span
    ) as named
    group by class_type, class_code
),

-- The list row of the same code and name nearest to the span lends its concept, if no other code has it in these years.
neighbour as (
    select
        span.class_type,
        span.class_code,
        span.edition_from,
        near.concept_id,
        row_number() over (
            partition by span.class_type, span.class_code, span.edition_from
            order by
                case
                    when near.edition_to < span.edition_from then span.edition_from - near.edition_to
                    else near.edition_from - span.edition_to
                end,
                near.concept_id
        ) as choice
    from span
    inner join listed as near
        on
            span.class_type = near.class_type
            and span.class_code = near.class_code
            and span.class_name_normalised = near.class_name_normalised
    left join listed as taken
        on
            near.concept_id = taken.concept_id
            and coalesce(taken.edition_from, 0) <= span.edition_to
            and coalesce(taken.edition_to, 9999) >= span.edition_from
    where taken.concept_id is null
),

candidate as (
    select
        span.class_type,
        span.class_code,
        spelling.class_name_printed as class_name,
        span.edition_from,
        span.edition_to,
        coalesce(
            neighbour.concept_id,
            case span.class_type when 'function' then 'F' else 'E' end
            || span.class_code
            || case
                when meaning.name_count > 1
                    then '-' || coalesce(nullif(span.class_name_normalised, ''), 'unnamed')
                else ''
            end
        ) as concept_id
    from span
    inner join meaning on span.class_type = meaning.class_type and span.class_code = meaning.class_code
    inner join spelling
        on
            span.class_type = spelling.class_type
            and span.class_code = spelling.class_code
            and span.edition_from = spelling.edition_from
            and spelling.choice = 1
    left join neighbour
        on
            span.class_type = neighbour.class_type
            and span.class_code = neighbour.class_code
            and span.edition_from = neighbour.edition_from
            and neighbour.choice = 1
),

edition as (
    select
        class_type,
        class_code,
        class_name,
        class_level,
        parent_code,
        edition_from,
        edition_to,
        concept_id,
        confidence,
        source,
        false as is_observed_only
    from listed
    union all
    select
        class_type,
        class_code,
        class_name,
        cast((length(class_code) - 1) / 2 as integer) as class_level,
        case when length(class_code) > 3 then substring(class_code, 1, length(class_code) - 2) end as parent_code,
        edition_from,
        edition_to,
        concept_id,
        'observed' as confidence,
        'documents' as source,
        true as is_observed_only
    from candidate
),

-- A code of later lists, printed in a year in which another code has its meaning: the concept stays with the other.
clash as (
    select distinct
        edition.class_type,
        edition.class_code,
        edition.edition_from
    from edition
    inner join edition as other
        on
            edition.class_type = other.class_type
            and edition.class_code <> other.class_code
            and edition.concept_id = other.concept_id
            and edition.edition_from <= coalesce(other.edition_to, 9999)
            and edition.edition_to >= coalesce(other.edition_from, 0)
    where edition.is_observed_only
)

select
    edition.class_type,
    edition.class_code,
    edition.class_name,
    edition.class_level,
    edition.parent_code,
    edition.edition_from,
    edition.edition_to,
    edition.confidence,
    edition.source,
    edition.is_observed_only,
    case
        when clash.class_code is null then edition.concept_id
        else
            case edition.class_type when 'function' then 'F' else 'E' end
            || edition.class_code || '-' || cast(edition.edition_from as string)
    end as concept_id,
    count(distinct observed.document_id) as document_count
from edition
left join clash
    on
        edition.is_observed_only
        and edition.class_type = clash.class_type
        and edition.class_code = clash.class_code
        and edition.edition_from = clash.edition_from
left join observed
    on
        edition.class_type = observed.class_type
        and edition.class_code = observed.class_code
        and observed.fiscal_year between coalesce(edition.edition_from, 0) and coalesce(edition.edition_to, 9999)
group by
    edition.class_type, edition.class_code, edition.class_name, edition.class_level, edition.parent_code,
    edition.edition_from, edition.edition_to, edition.concept_id, edition.confidence, edition.source,
    edition.is_observed_only, clash.class_code
