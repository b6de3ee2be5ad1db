-- Both sides of the crosswalk are classes of the lists, in the edition from which it holds.
select
    crosswalk.government_code,
    crosswalk.department_code
from {{ ref('economic_crosswalk') }} as crosswalk
left join {{ ref('economic_class') }} as government
    on
        crosswalk.government_code = government.class_code
        and government.class_type = 'economic_government'
        and government.edition_to is null
left join {{ ref('economic_class') }} as department
    on
        crosswalk.department_code = department.class_code
        and department.class_type = 'economic_department'
        and coalesce(department.edition_to, 9999) >= crosswalk.edition_from
where government.class_code is null or department.class_code is null
