-- A line of the expenditure side that carries a class code must be a first-level class of the class list.
select
    expenditure_line.line_name,
    expenditure_line.line_code
from {{ ref('expenditure_line') }} as expenditure_line
left join {{ ref('function_class') }} as function_class
    on expenditure_line.line_code = function_class.class_code and function_class.class_level = 1
where expenditure_line.line_kind = 'class' and function_class.class_code is null
